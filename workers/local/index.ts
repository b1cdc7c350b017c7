export { claimDataDir, type DataDirClaim } from './data-dir';
export {
  errorCode,
  isLocalServerError,
  LocalServerError,
  type LocalServerErrorCode,
  reasonOf,
} from './errors';
export {
  endLeftovers,
  type LocalInfrastructure,
  type LocalInfrastructureOptions,
  type RunningInfrastructure,
  runningInfrastructure,
  startLocalInfrastructure,
} from './infrastructure';
export { type LocalPostgres, type LocalPostgresOptions, runLocalPostgres } from './local-postgres';
export { type LocalTemporal, type LocalTemporalOptions, runLocalTemporal } from './local-temporal';
export { type Log } from './log';
export { freePort, isPortFree, portOrFree, rememberedOrFreePort, requireFreePort } from './ports';
export { endProcess, identify, isRunning, type ProcessIdentity } from './processes';
export { readRunState, type RunFile, type RunState } from './run-file';
export { findTemporalCli, findTestServer } from './temporal-binary';
export {
  endTemporalServer,
  type SearchAttributeKind,
  startTemporalServer,
  type StartTemporalOptions,
  type TemporalFeatures,
} from './temporal-server';
