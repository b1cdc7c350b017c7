export { EncryptionCodec, type PayloadKeys } from './codec';
export {
  connectClient,
  connectionOptions,
  lazyClient,
  type TemporalTarget,
  TemporalUnreachable,
} from './connect';
export { dataConverter } from './data-converter';
export { type LoopControl, type LoopSwitches, type StartInputs, TemporalEngine } from './engine';
export {
  ensureFleetSchedule,
  ensureNightSchedule,
  ensureSearchAttributes,
  missingSearchAttributes,
  SEARCH_ATTRIBUTE_TYPES,
} from './namespace';
export * from './requests';
