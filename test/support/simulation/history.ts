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
  /** The run of that loop is dropped before or after its `nth` call of that kind from now on. */
  | {
      readonly kind: 'crash';
      readonly lane: Lane;
      readonly at: 'any' | 'transaction' | 'write' | 'read';
      readonly nth: number;
      readonly when: 'before' | 'after';
    }
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

/** Whoever came last. */
export const LATEST = 99;

/** Few people and few elements, so that what happens meets. */
const who = fc.constantFrom(0, 0, 0, 1, 1, 2, 3);
const element = fc.nat({ max: FOCUS - 1 });
const clear = fc.nat({ max: 4 }).map((n) => n === 0);

const edit = (kind: 'hub-edit' | 'concur-edit'): fc.Arbitrary<Action> =>
  fc.record({ kind: fc.constant(kind), who, element, clear });

type CrashedAt = Extract<Action, { kind: 'crash' }>['at'];

function crash(at: CrashedAt, most: number, lane?: Lane): fc.Arbitrary<Action> {
  return fc.record({
    kind: fc.constant('crash' as const),
    lane: lane === undefined ? fc.constantFrom<Lane>('poll', 'publish') : fc.constant(lane),
    at: fc.constant(at),
    nth: fc.integer({ min: 1, max: most }),
    when: fc.constantFrom('before' as const, 'after' as const),
  });
}

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
  { weight: 2, arbitrary: crash('any', 14) },
  { weight: 2, arbitrary: fc.oneof(crash('transaction', 3), crash('write', 1), crash('read', 2)) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('skew' as const), seconds: fc.integer({ min: -40, max: 40 }) }),
  },
);

const step: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom(0, 0, 1, 1, 2, 2, 3, 4, 6, 9, 30), action)
  .map(([after, act]) => ({ after, ...act }));

const soon = (act: fc.Arbitrary<Action>, least = 0, most = 0): fc.Arbitrary<Step> =>
  fc.tuple(fc.integer({ min: least, max: most }), act).map(([after, each]) => ({ after, ...each }));
const is = (act: Action): fc.Arbitrary<Action> => fc.constant(act);
const unreadable = is({ kind: 'fault', call: 'profile-read', nth: 1, times: 4, fault: 'garbage' });
const noAnswer: fc.Arbitrary<Action> = fc
  .constantFrom<Fault>('reset-after', 'garbage')
  .map((fault) => ({ kind: 'fault', call: 'profile-write', nth: 1, times: 1, fault }));
/** Longer ago than polls overlap: only the cursor and what was noted bring it back. */
const longAgo = soon(is({ kind: 'wait', seconds: 900 }), 30, 30);
const poll = is({ kind: 'poll' });

/** Things that belong together, each a window that single steps seldom meet. */
const motif: fc.Arbitrary<Step[]> = fc.oneof(
  // An edit while a drain comes to its end.
  fc.tuple(soon(edit('hub-edit')), soon(edit('hub-edit'), 6, 12)),
  // Edits on both sides, one more while they are published.
  fc.tuple(soon(edit('concur-edit')), soon(edit('hub-edit')), soon(edit('hub-edit'), 3, 8)),
  // Both sides, and a poll that meets it first.
  fc.tuple(
    soon(crash('any', 3, 'publish')),
    soon(edit('hub-edit')),
    soon(edit('concur-edit')),
    soon(poll, 2, 5),
  ),
  // A publish goes through while a poll is between its read and its end.
  fc.tuple(soon(poll), soon(edit('hub-edit'), 3, 8)),
  // The poll that should bring an edit is dropped.
  fc.tuple(soon(edit('concur-edit')), longAgo, soon(crash('any', 12, 'poll')), soon(poll)),
  fc.tuple(
    soon(edit('concur-edit')),
    longAgo,
    soon(unreadable),
    soon(crash('transaction', 3, 'poll')),
    soon(poll),
  ),
  // Pages that shift while they are read.
  fc.tuple(
    soon(edit('concur-edit')),
    soon(edit('concur-edit')),
    longAgo,
    soon(poll),
    soon(edit('concur-edit'), 3, 8),
  ),
  // A create without an answer, and one whose login somebody else has.
  fc.tuple(soon(noAnswer), soon(is({ kind: 'hub-new' }))),
  fc.tuple(soon(is({ kind: 'hub-new' })), soon(is({ kind: 'login-taken', who: LATEST }), 0, 4)),
);

const steps = fc
  .array(fc.oneof({ weight: 8, arbitrary: fc.tuple(step) }, { weight: 2, arbitrary: motif }), {
    minLength: 5,
    maxLength: 12,
    size: 'max',
  })
  .map((parts) => parts.flat());

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
  pageSize: fc.constantFrom(1, 1, 2, 50),
  inConcur: fc.constantFrom(0, 1, 1, 2, 2, 3),
  inHub: fc.integer({ min: 0, max: 2 }),
  steps,
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
