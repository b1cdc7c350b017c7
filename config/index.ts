export { type Environment, isSettingsError, loadSettings, processEnvironment, SettingsError } from './load';
export {
  parseAddressRange,
  pollMinutesSchema,
  type Settings,
  settingsSchema,
  type SupportHours,
} from './settings';
