export { loadOrCreateKeys, openKeyRing, rotateKeyFile } from './key-file';
export { type KeyRing, parseKeyRing } from './key-ring';
export { API_KEY_FILE, hashApiKey } from './api-key';
export { bootstrapKey } from './bootstrap-key';
