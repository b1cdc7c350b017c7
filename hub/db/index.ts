export { type HubDatabase, migrateToLatest, openDatabase, type OpenOptions } from './open';
