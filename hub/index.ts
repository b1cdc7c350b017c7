export * from './contract';
export * from './crypto';
export * from './db';
export * from './errors';
export * from './masking';
export { createHubStore, type HubStoreDeps } from './store';
export { timeSortedIds } from './time-ids';
export * from './types';
