import { type Bench } from '../lib/bench';
import { growth } from './growth';
import { latency } from './latency';
import { publishFar, publishNew } from './publish';
import { pullChanged, pullFar, pullFirst } from './pull';

/** In the order in which they run. */
export const BENCHES: readonly Bench[] = [
  pullChanged,
  pullFar,
  pullFirst,
  publishNew,
  publishFar,
  latency,
  growth,
];
