import { type PayloadKeys } from '../../../client/codec';
import { dataConverter } from '../../../client/data-converter';

const TEST_KEY = Buffer.from('concordance-test-key-not-secret!', 'utf8');

/** A key that everybody knows: recorded histories are sealed with it, nothing else ever may be. */
export const testKeys: PayloadKeys = {
  activeId: 'test-only-not-secret',
  key(id) {
    if (id !== testKeys.activeId) throw new Error(`the tests have no payload key "${id}"`);
    return TEST_KEY;
  },
};

/** The converter of every client and worker in tests: the real one, so that codec and failures are real. */
export const testDataConverter = dataConverter(testKeys);
