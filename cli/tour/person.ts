import { type Name, type Origin } from './people';
import { type SteadyRandom } from './random';

/** Who a traveller of the tour is, before it becomes a profile. */
export interface Person {
  readonly random: SteadyRandom;
  readonly origin: Origin;
  readonly number: number;
  readonly woman: boolean;
  readonly first: Name;
  readonly family: Name;
  readonly place: Origin['places'][0];
  readonly email: string;
}
