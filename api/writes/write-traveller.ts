import { isVersionConflict, type TravellerView, type TravellerWritten } from '../../hub';
import { type ApiContext } from '../deps';
import { invalid, Problem } from '../problem';
import { applySections } from './apply-sections';
import { bindLogin, type LoginChange, loginChange } from './bind-login';
import { checkSections } from './check-sections';
import { type IncomingTraveller } from './incoming-traveller';
import { type Preconditions, requirePreconditions } from './preconditions';
import { checkedUsername } from './username';

/** Somebody else wrote between our read and our write: merged again with what is stored now. */
const MOST_TRIES = 5;

/**
 * Merges a write into what is stored and stores it.
 * @throws Problem 412 when a precondition fails, 422, 409; HubError
 */
export async function writeTraveller(
  context: ApiContext,
  entityId: string,
  incoming: IncomingTraveller,
  preconditions: Preconditions,
): Promise<TravellerWritten> {
  for (let tries = 1; ; tries += 1) {
    const view = await context.store.travellers.find(entityId, incoming.id);
    requirePreconditions(preconditions, view?.traveller.version);
    try {
      return await writeOver(context, entityId, incoming, view);
    } catch (error) {
      if (!isVersionConflict(error) || tries === MOST_TRIES) throw error;
    }
  }
}

async function writeOver(
  context: ApiContext,
  entityId: string,
  incoming: IncomingTraveller,
  view: TravellerView | undefined,
): Promise<TravellerWritten> {
  const stored = view?.traveller;
  const username = checkedUsername(incoming.username, stored?.username);
  const sections = applySections(stored?.sections ?? {}, incoming.sections);
  const errors = checkSections(sections, stored?.sections ?? {});
  if (errors.length > 0) throw invalid(errors);
  const login = await loginChange(context, entityId, incoming, view);
  const status = incoming.status ?? stored?.status ?? 'active';
  const write = { id: incoming.id, username, status, sections };
  const version = stored?.version ?? 0;
  if (login === undefined) return store(context, entityId, write, version);
  if (stored !== undefined) {
    await bindLogin(context, entityId, incoming.id, login);
    return store(context, entityId, write, version);
  }
  return createBound(context, entityId, write, login);
}

type Write = Omit<Parameters<ApiContext['store']['travellers']['upsert']>[0], 'entityId' | 'expectedVersion'>;

async function store(
  { store: hub, clock, waker }: ApiContext,
  entityId: string,
  write: Write,
  expectedVersion: number,
): Promise<TravellerWritten> {
  const result = await hub.travellers.upsert({ ...write, entityId, expectedVersion }, { now: clock.now() });
  if (result.woke) waker.wake(entityId);
  return result;
}

/**
 * A new traveller who has a profile in Concur already. Stored inactive until the binding stands: an
 * inactive traveller is never created in Concur, so no publisher can make a second profile in between.
 */
async function createBound(
  context: ApiContext,
  entityId: string,
  write: Write,
  login: LoginChange,
): Promise<TravellerWritten> {
  const first = await store(context, entityId, { ...write, status: 'inactive' }, 0);
  await bindLogin(context, entityId, write.id, login);
  if (write.status === 'inactive') return first;
  const second = await store(context, entityId, write, first.traveller.version);
  return { ...second, created: true };
}

/** DELETE: the traveller becomes inactive, on both sides, and stays readable. */
export async function deactivateTraveller(
  context: ApiContext,
  entityId: string,
  id: string,
  preconditions: Preconditions,
): Promise<void> {
  const known = await context.store.travellers.find(entityId, id);
  if (known === undefined)
    throw new Problem(404, 'traveller-unknown', `Entity ${entityId} has no traveller ${id}.`);
  await writeTraveller(context, entityId, { id, status: 'inactive', sections: {} }, preconditions);
}
