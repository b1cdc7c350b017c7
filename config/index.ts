export { type Environment, isSettingsError, loadSettings, processEnvironment, SettingsError } from './load';
export { pollMinutesSchema, type Settings, settingsSchema } from './settings';
