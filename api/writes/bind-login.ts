import { type HubTransaction, type SyncState, type TravellerView } from '../../hub';
import { type ApiContext } from '../deps';
import { invalidField, Problem } from '../problem';
import { type IncomingTraveller } from './incoming-traveller';

/** The Concur login a traveller shall be bound to; undefined: to none. */
export interface LoginChange {
  readonly login: string | undefined;
}

/**
 * What a write changes about the Concur login; undefined when nothing.
 *
 * A traveller without a profile in Concur needs none: the username becomes the login. Where the profile
 * exists already (strategy merge) its login is named here, and may be corrected until Concur's profile was
 * read for the first time. From then on the traveller is bound for good (docs/architecture.md, identity),
 * except that somebody without a UUID may be given a login that a pull holds for review as a possible rename.
 * @throws Problem 422 `login-bound`, 409 `login-taken`
 */
export async function loginChange(
  { store }: ApiContext,
  entityId: string,
  { id, concurLoginId }: IncomingTraveller,
  view: TravellerView | undefined,
): Promise<LoginChange | undefined> {
  if (concurLoginId === undefined) return undefined;
  const login = concurLoginId === null || concurLoginId.trim() === '' ? undefined : concurLoginId.trim();
  if (login === view?.concurLoginId) return undefined;
  if (view !== undefined) {
    const [state] = await store.travellers.syncStates(entityId, id);
    if (state !== undefined && !(await mayBeRenamed(store, state, login))) requireUnbound(state);
  }
  if (login === undefined) return { login };
  const owners = await store.sync.glimpse(entityId, 'concur', { logins: [login], syncIds: [], uuids: [] });
  if (owners.some(({ travellerId }) => travellerId !== id)) throw loginTaken();
  return { login };
}

/** @throws Problem 422, 409 */
export async function bindLogin(
  { store, clock }: ApiContext,
  entityId: string,
  travellerId: string,
  { login }: LoginChange,
): Promise<void> {
  const [before] = await store.travellers.syncStates(entityId, travellerId);
  const isRename = before !== undefined && (await mayBeRenamed(store, before, login));
  await store.sync.transaction(async (tx) => {
    const state = await lockState(tx, entityId, travellerId);
    if (!isRename) requireUnbound(state);
    requireIdle(state, clock.now());
    const { locator: _replaced, ...rest } = state;
    await tx.save([{ state: login === undefined ? rest : { ...rest, locator: login } }]);
  });
}

async function lockState(tx: HubTransaction, entityId: string, travellerId: string): Promise<SyncState> {
  const [mine] = await tx.lock(entityId, 'concur', {
    travellerIds: [travellerId],
    logins: [],
    syncIds: [],
    uuids: [],
  });
  if (mine === undefined) {
    throw new Problem(404, 'traveller-unknown', `Entity ${entityId} has no traveller ${travellerId}.`);
  }
  return mine.state;
}

/** Where no UUID tells it, a person does: the login was renamed in Concur (docs/architecture.md, identity). */
async function mayBeRenamed(
  store: ApiContext['store'],
  state: SyncState,
  login: string | undefined,
): Promise<boolean> {
  if (state.concurUuid !== undefined || login === undefined) return false;
  const held = await store.sync.quarantinedLogins(state.entityId, [login]);
  return held.has(login.toLowerCase());
}

function requireUnbound(state: SyncState): void {
  if (state.concurUuid === undefined && state.baseConcur === undefined) return;
  throw invalidField(
    'concurLoginId',
    'login-bound',
    'cannot be changed: the traveller is bound to its Concur profile',
  );
}

/** While a profile is being created it is not known yet which login the traveller will have. */
function requireIdle(state: SyncState, now: Date): void {
  const leased = state.leaseUntil !== undefined && state.leaseUntil > now;
  if (!leased && state.createIntent === undefined) return;
  throw new Problem(409, 'traveller-busy', 'The traveller is being published. Try again in a moment.');
}

function loginTaken(): Problem {
  return new Problem(409, 'login-taken', 'Another traveller of the entity is bound to this Concur login.', {
    errors: [{ path: 'concurLoginId', code: 'login-taken', message: 'belongs to another traveller' }],
  });
}
