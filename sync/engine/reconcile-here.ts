import { type Entity, type FoundItem, type TravellerSync } from '../../hub/types';
import { compareSides } from './compare-sides';
import { isRecordFailure, isTransientFailure } from './failures';
import { settleAll } from './pool';
import { type Comparing } from './reconcile-types';
import { aboutToArrive, patiently } from './reconcile-reads';

const MOST_ROUNDS = 3;
/** Concur shows nobody, or somebody else, under the handles of a bound traveller. */
const GONE: ReadonlySet<string> = new Set(['ProfileMissing', 'IdentityChanged']);

/** What there is to say about these travellers; equal ones have nothing to say. */
export async function findingsHere(
  comparing: Comparing,
  entity: Entity,
  ids: readonly string[],
): Promise<FoundItem[]> {
  const found = new Map<string, FoundItem | undefined>();
  let open = ids;
  for (let round = 1; open.length > 0; round += 1) {
    const pairs = await comparing.deps.store.load(entity.id, 'concur', open);
    const verdicts = await compareAll(comparing, entity, pairs);
    const suspects = pairs.filter(({ traveller }) => isSuspect(verdicts.get(traveller.id)));
    const arriving = await aboutToArrive(comparing, entity, loginsOf(suspects));
    const moved = await movedSince(comparing, suspects);
    for (const pair of pairs) {
      const { id } = pair.traveller;
      const verdict = verdicts.get(id);
      found.set(id, arrives(pair, arriving) ? pendingInConcur(verdict) : verdict);
      if (moved.has(id) && round >= MOST_ROUNDS) found.set(id, moving(id, verdict));
    }
    open = round >= MOST_ROUNDS ? [] : [...moved];
  }
  return [...found.values()].filter((item) => item !== undefined);
}

function isSuspect(item: FoundItem | undefined): boolean {
  return item?.outcome === 'differs' || item?.outcome === 'only-here';
}

function loginsOf(pairs: readonly TravellerSync[]): Map<string, Date | undefined> {
  return new Map(
    pairs.flatMap(({ state: { locator, concurSeenAt } }) =>
      locator === undefined ? [] : [[locator.toLowerCase(), concurSeenAt] as const],
    ),
  );
}

function arrives({ state }: TravellerSync, arriving: ReadonlySet<string>): boolean {
  return state.locator !== undefined && arriving.has(state.locator.toLowerCase());
}

/** Who was published or pulled while we read: what we saw of the two sides does not belong together. */
async function movedSince({ deps }: Comparing, pairs: readonly TravellerSync[]): Promise<Set<string>> {
  const [first] = pairs;
  if (first === undefined) return new Set();
  const ids = pairs.map(({ traveller }) => traveller.id);
  const now = await deps.store.load(first.traveller.entityId, 'concur', ids);
  const versions = new Map(now.map((pair) => [pair.traveller.id, versionOf(pair)]));
  return new Set(
    pairs
      .filter((pair) => versions.get(pair.traveller.id) !== versionOf(pair))
      .map((pair) => pair.traveller.id),
  );
}

const versionOf = ({ traveller, state }: TravellerSync): string => `${traveller.version} ${state.version}`;

function pendingInConcur(item: FoundItem | undefined): FoundItem | undefined {
  if (item === undefined || !isSuspect(item)) return item;
  return {
    ...item,
    outcome: 'pending',
    code: 'NewerInConcur',
    reason: 'Concur has changed it since the last poll; the next one brings it.',
  };
}

function moving(travellerId: string, item: FoundItem | undefined): FoundItem {
  return {
    travellerId,
    outcome: 'pending',
    fields: item?.fields ?? [],
    code: 'Busy',
    reason: 'It kept changing while it was compared.',
  };
}

async function compareAll(
  comparing: Comparing,
  entity: Entity,
  pairs: readonly TravellerSync[],
): Promise<Map<string, FoundItem | undefined>> {
  const troubles = await comparing.deps.reconciliations.troubles(entity.id, {
    travellerIds: pairs.map(({ traveller }) => traveller.id),
    logins: [],
  });
  const known = new Map<string, FoundItem | undefined>();
  const toRead: TravellerSync[] = [];
  for (const pair of pairs) {
    const { id } = pair.traveller;
    const trouble = troubles.find(({ travellerId }) => travellerId === id);
    const standing =
      trouble === undefined
        ? withoutReading(pair, comparing.deps.clock.now())
        : item(id, 'quarantined', trouble.code, trouble.reason);
    if (standing === 'compare') toRead.push(pair);
    else known.set(id, standing);
  }
  const results = await settleAll(toRead, comparing.limit, (pair) => compareOne(comparing, entity, pair));
  requireMost(results);
  toRead.forEach(({ traveller: { id } }, index) => {
    const result = results[index];
    known.set(id, result?.status === 'fulfilled' ? result.value : unread(id, result?.reason));
  });
  return known;
}

/** As the API shows it (hub/store/sync-view.ts): held goes before dirty. */
function withoutReading({ traveller, state }: TravellerSync, now: Date): FoundItem | undefined | 'compare' {
  const { id, version } = traveller;
  const isDirty = state.publishedVersion < version;
  if (state.held) return item(id, 'held', 'Held', 'It is held for review: neither direction touches it.');
  if (isDirty && (state.blockedVersion ?? 0) >= version)
    return item(id, 'held', 'Dismissed', 'Its quarantined record was dismissed; it waits for a change.');
  if (isDirty) return item(id, 'pending', 'NewerHere', 'It waits to be published.');
  if (state.leaseUntil !== undefined && state.leaseUntil.getTime() > now.getTime())
    return item(id, 'pending', 'Busy', 'It is being published right now.');
  if (state.locator !== undefined || state.concurUuid !== undefined) return 'compare';
  if (traveller.status === 'inactive') return undefined;
  return item(id, 'only-here', 'NotInConcur', 'It is bound to no profile in Concur.');
}

async function compareOne(
  { deps }: Comparing,
  entity: Entity,
  { traveller, state }: TravellerSync,
): Promise<FoundItem | undefined> {
  const { id: travellerId } = traveller;
  try {
    const compared = await patiently(deps, () => compareSides(deps, entity, { traveller, state }));
    if (compared === undefined) return undefined;
    const { differs, accepted, cardsFailure } = compared;
    if (differs.length > 0) return { travellerId, outcome: 'differs', fields: differs };
    if (cardsFailure !== undefined)
      return item(travellerId, 'unread', cardsFailure.code, cardsFailure.message);
    if (accepted.length === 0) return undefined;
    const codes = [...new Set(state.notes.map(({ code }) => code))].sort().join(', ');
    return {
      travellerId,
      outcome: 'not-removable',
      fields: accepted,
      ...(codes === '' ? {} : { code: codes }),
      reason: 'Concur does not take or does not remove these fields, or the rule leaves them to Concur.',
    };
  } catch (error) {
    if (!isRecordFailure(error) || !GONE.has(error.code)) throw error;
    return item(travellerId, 'only-here', error.code, error.message);
  }
}

/** One bad profile is that profile's trouble; most of them failing is Concur's. */
function requireMost(results: readonly PromiseSettledResult<unknown>[]): void {
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  const fatal = failures.find((error) => !isRecordFailure(error) && !isTransientFailure(error));
  const transient = failures.filter(isTransientFailure);
  const first = fatal ?? (transient.length * 2 > results.length ? transient[0] : undefined);
  if (first === undefined) return;
  throw first instanceof Error ? first : new Error('the read of a profile failed');
}

function unread(travellerId: string, error: unknown): FoundItem {
  if (isRecordFailure(error) || isTransientFailure(error))
    return item(travellerId, 'unread', error.code, error.message);
  throw new Error('a traveller was neither compared nor refused');
}

function item(travellerId: string, outcome: FoundItem['outcome'], code: string, reason: string): FoundItem {
  return { travellerId, outcome, fields: [], code, reason };
}
