import { type Bench } from '../lib/bench';
import { publishNew } from './publish';
import { pullChanged, pullFirst } from './pull';

/** In the order in which they run. */
export const BENCHES: readonly Bench[] = [pullChanged, pullFirst, publishNew];
