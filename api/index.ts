export { createApi } from './app';
export { type Api, type ApiDeps } from './deps';
export { ApiStartError, isApiStartError, type RunningApi, startApi } from './server';
