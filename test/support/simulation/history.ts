import * as fc from 'fast-check';
import { ELEMENTS } from './elements';

/** One thing that happens, `after` so many calls of the engine (fewer where none is left). */
export type Step = { readonly after: number } & Action;

export type Fault =
  'http500' | 'http503' | 'http429' | 'reset-before' | 'reset-after' | 'truncate' | 'garbage' | 'refused';

export type Lane = 'poll' | 'publish';

export type Action =
  | { readonly kind: 'poll' }
  /** A person's edit of one element; clears where `clear` and the element can be cleared. */
  | {
      readonly kind: 'hub-edit' | 'concur-edit';
      readonly who: number;
      readonly element: number;
      readonly clear: boolean;
    }
  | { readonly kind: 'hub-status' | 'concur-status'; readonly who: number }
  /** A new person, known to that side only. */
  | { readonly kind: 'hub-new' | 'concur-new' }
  | { readonly kind: 'hub-rename' | 'concur-rename'; readonly who: number }
  /** The login is changed, and somebody new gets the old one. */
  | { readonly kind: 'login-reused'; readonly who: number }
  /** A stranger gets the login that a traveller of the hub would be created with. */
  | { readonly kind: 'login-taken'; readonly who: number }
  | { readonly kind: 'logins-swapped'; readonly who: number; readonly other: number }
  | { readonly kind: 'wait'; readonly seconds: number }
  /** The `nth` next call of that kind meets it, from 1. */
  | {
      readonly kind: 'fault';
      readonly call: 'summary' | 'profile-read' | 'profile-write';
      readonly nth: number;
      /** How many calls one after the other. */
      readonly times: number;
      readonly fault: Fault;
    }
  /** The run of that loop is dropped before or after its `nth` call from now on. */
  | { readonly kind: 'crash'; readonly lane: Lane; readonly nth: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'skew'; readonly seconds: number };

/** Everything that is decided before a run; the same history is the same run, call by call. */
export interface History {
  /** Decides whose call goes next where several wait, and how long each takes. */
  readonly schedule: number;
  readonly rule: 'hub-wins' | 'concur-wins' | 'newest-wins';
  readonly lists: 'merge' | 'replace';
  /** False: the scope TMCSP is missing, so that Concur shows no UUIDs. */
  readonly uuids: boolean;
  /** How far Concur's clock is ahead of ours, seconds. */
  readonly clockAhead: number;
  readonly pageSize: number;
  /** Who there is at the beginning. */
  readonly inConcur: number;
  readonly inHub: number;
  readonly steps: readonly Step[];
}

const FOCUS = 3;

/** Few people and few elements, so that what happens meets. */
const who = fc.constantFrom(0, 0, 0, 1, 1, 2, 3);
const element = fc.nat({ max: FOCUS - 1 });
const clear = fc.nat({ max: 4 }).map((n) => n === 0);

const edit = (kind: 'hub-edit' | 'concur-edit'): fc.Arbitrary<Action> =>
  fc.record({ kind: fc.constant(kind), who, element, clear });

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 10, arbitrary: edit('hub-edit') },
  { weight: 10, arbitrary: edit('concur-edit') },
  { weight: 8, arbitrary: fc.constant({ kind: 'poll' } as const) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      seconds: fc.constantFrom(1, 5, 61, 200, 900),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('hub-status' as const, 'concur-status' as const), who }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('hub-new' as const, 'concur-new' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('hub-rename' as const, 'concur-rename' as const), who }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('login-reused' as const, 'login-taken' as const), who }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('logins-swapped' as const), who, other: who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      call: fc.constantFrom('summary' as const, 'profile-read' as const, 'profile-write' as const),
      nth: fc.integer({ min: 1, max: 3 }),
      times: fc.constantFrom(1, 1, 1, 4),
      fault: fc.constantFrom<Fault>(
        'http500',
        'http503',
        'http429',
        'reset-before',
        'reset-after',
        'truncate',
        'garbage',
        'refused',
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      lane: fc.constantFrom<Lane>('poll', 'publish'),
      nth: fc.integer({ min: 1, max: 14 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('skew' as const), seconds: fc.integer({ min: -40, max: 40 }) }),
  },
);

const step: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom(0, 0, 1, 1, 2, 2, 3, 4, 6, 9, 30), action)
  .map(([after, act]) => ({ after, ...act }));

const focus = fc.array(fc.nat({ max: ELEMENTS.length - 1 }), { minLength: FOCUS, maxLength: FOCUS });

function focused(step: Step, on: readonly number[]): Step {
  if (step.kind !== 'hub-edit' && step.kind !== 'concur-edit') return step;
  return { ...step, element: on[step.element] ?? 0 };
}

const unfocused: fc.Arbitrary<History> = fc.record({
  schedule: fc.nat(),
  rule: fc.constantFrom(
    'hub-wins' as const,
    'hub-wins' as const,
    'concur-wins' as const,
    'newest-wins' as const,
  ),
  lists: fc.constantFrom('merge' as const, 'replace' as const),
  uuids: fc.nat({ max: 6 }).map((n) => n !== 0),
  clockAhead: fc.constantFrom(0, 0, 3_600, -7_200, 17),
  pageSize: fc.constantFrom(1, 2, 2, 50),
  inConcur: fc.integer({ min: 0, max: 2 }),
  inHub: fc.integer({ min: 0, max: 2 }),
  steps: fc.array(step, { minLength: 8, maxLength: 20, size: 'max' }),
});

export const history: fc.Arbitrary<History> = fc
  .tuple(unfocused, focus)
  .map(([plain, on]) => ({ ...plain, steps: plain.steps.map((each) => focused(each, on)) }));

/** The history of a seed. */
export function historyOf(seed: number): History {
  const [sampled] = fc.sample(history, { seed, numRuns: 1 });
  if (sampled === undefined) throw new Error('fast-check gave no history');
  return sampled;
}
