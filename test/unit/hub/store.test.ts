import { storeSuite } from '../../support/hub/store-suite';
import { pgliteDatabase } from '../../support/hub/stores';

describe('the store on PGlite', () => storeSuite(pgliteDatabase, { bulk: 1_000 }));
