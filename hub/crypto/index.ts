export { loadOrCreateKeys, openKeyRing, rotateKeyFile } from './key-file';
export { type KeyRing, parseKeyRing } from './key-ring';
export { hashApiKey } from './api-key';
