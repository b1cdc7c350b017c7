export { type Environment, isSettingsError, loadSettings, SettingsError } from './load';
export { pollMinutesSchema, type Settings, settingsSchema } from './settings';
