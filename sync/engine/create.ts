import { type ProfileRead, type WriteWarning } from '../../concur/types';
import { type CreateIntent, type Entity, type Image, type TravellerSync } from '../../hub/types';
import { type ProfileSections } from '../../profile';
import { checkCreate } from '../model/checks';
import { planWrite, type WritePlan } from '../model/plan';
import { sectionOfSlot, type SlotId, slotsOf } from '../model/slots';
import { showsCards } from '../model/visibility';
import { imageOfTraveller } from './absorb';
import { type ClassifiedFailure, isClassified, isRecordFailure, RecordFailure } from './failures';
import { newPassword } from './password';
import { cardsOf } from './planned-cards';
import { type EngineDeps } from './ports';
import { type Gate, leaseFrom, type LeaseHolder, type PublishOutcome } from './publish-types';

export type CreateResult =
  | {
      readonly kind: 'created';
      readonly hub: Image;
      readonly plan: WritePlan;
      readonly read: ProfileRead;
      readonly warnings: readonly WriteWarning[];
    }
  /** An earlier attempt had created the profile although its answer was lost. */
  | { readonly kind: 'adopted'; readonly read: ProfileRead }
  | Extract<PublishOutcome, { kind: 'refused-by-gate' | 'lost-lease' }>;

/** A profile that is about to be created has none. */
export const NO_CARDS = { profile: {} } as const;

/** The profile is created but not shown yet; the next attempt finds it by its intent. */
class NotVisibleYet extends Error implements ClassifiedFailure {
  readonly code = 'NotVisibleYet';
  readonly failureClass = 'retry';
  constructor() {
    super('Concur created the profile but does not show it yet. It is looked for again.');
    this.name = 'NotVisibleYet';
  }
}

/**
 * What a create would send. Managers must exist first, so roles follow in an update (docs/concur.md §3), and
 * so do the cards, which have a call of their own: `cards` says which. Without their scope they are noted.
 */
export function planCreate(entity: Pick<Entity, 'travelConfigId' | 'scopes'>, hub: Image): WritePlan {
  const canSendCards = showsCards(entity.scopes);
  const isCard = (id: SlotId): boolean => sectionOfSlot(id) === 'cards';
  const all = [...slotsOf(hub).keys()].filter((id) => sectionOfSlot(id) !== 'roles');
  const slots = canSendCards ? all.filter((id) => !isCard(id)) : all;
  const { cards } = canSendCards ? planWrite(hub, undefined, all.filter(isCard)) : {};
  const plan = planWrite(hub, undefined, slots, (place) => place?.section === 'cards');
  const general = { travelConfigId: entity.travelConfigId, ...plan.sections.general };
  const following = cards === undefined ? {} : { cards };
  return { ...plan, ...following, sections: { ...plan.sections, general } };
}

/** @throws RecordFailure with Concur's own code when the profile could not be created */
export function assertCreatable(login: string, sections: ProfileSections): void {
  const finding = checkCreate(login, sections.general);
  if (finding === undefined) return;
  throw new RecordFailure(finding.code, `${finding.field} ${finding.reason}. Correct it in the hub.`, {
    field: finding.field,
  });
}

export function loginTaken(): RecordFailure {
  return new RecordFailure(
    'LoginTaken',
    'Somebody else has this login in Concur, so the traveller was not created. Change the username in the hub, or bind the traveller to that profile with a merge.',
    { field: 'LoginId' },
  );
}

/**
 * Creates the profile of a traveller (docs/architecture.md, "Create"): an intent is committed before the
 * POST, and a login in use is adopted only if an earlier attempt left its intent and the profile read is
 * the one it meant. A stranger's profile is never taken over.
 */
export async function createProfile(
  deps: EngineDeps,
  entity: Entity,
  leased: TravellerSync,
  holder: LeaseHolder,
  gate: Gate,
): Promise<CreateResult> {
  const { traveller, state } = leased;
  const earlier = state.createIntent;
  if (earlier !== undefined) {
    const made = await deps.concur.readProfile({ type: 'login', value: earlier.login });
    if (
      made !== undefined &&
      (await identityHash(deps, entity, made.profile.sections)) === earlier.identityHash
    ) {
      return { kind: 'adopted', read: made };
    }
  }
  const login = traveller.username.trim();
  assertCreatable(login, traveller.sections);
  if ((await deps.concur.readProfile({ type: 'login', value: login })) !== undefined) throw loginTaken();

  const hub = imageOfTraveller(traveller);
  const plan = planCreate(entity, hub);
  const cards = cardsOf(deps, NO_CARDS, plan);
  if (!(await gate({ action: 'Create', loginId: login, plan, ...cards }))) {
    await deps.store.releaseLease(entity.id, state.target, traveller.id, holder.id);
    return { kind: 'refused-by-gate' };
  }
  const intent: CreateIntent = {
    login,
    identityHash: await identityHash(deps, entity, traveller.sections),
    at: deps.clock.now().toISOString(),
  };
  const keepIntent = (value: CreateIntent | undefined) =>
    deps.store.saveIntent(entity.id, state.target, traveller.id, leaseFrom(deps.clock.now(), holder), value);
  if (!(await keepIntent(intent))) return { kind: 'lost-lease' };
  const result = await deps.concur
    .writeProfile({
      action: 'Create',
      loginId: login,
      status: traveller.status,
      sections: plan.sections,
      password: newPassword(deps.random),
    })
    .catch(async (error: unknown) => {
      if (isCleanRefusal(error)) await keepIntent(earlier);
      throw error;
    });
  const uuid = result.uuid;
  const byLogin = await deps.concur.readProfile({ type: 'login', value: login });
  // A login may have gone to somebody else since: then only the UUID of the answer leads to what was made.
  const isOurs = byLogin !== undefined && [undefined, uuid].includes(uuid && byLogin.profile.uuid);
  const byUuid =
    isOurs || uuid === undefined ? undefined : await deps.concur.readProfile({ type: 'uuid', value: uuid });
  const read = isOurs ? byLogin : byUuid;
  if (read === undefined) throw new NotVisibleYet();
  return { kind: 'created', hub, plan, read, warnings: result.warnings };
}

/** E111: the core profile may have been made all the same, so the intent must stay. */
function isCleanRefusal(error: unknown): boolean {
  if (!isClassified(error) || !isRecordFailure(error)) return false;
  return !(error.messages ?? []).some((message) => message.code === 'E111');
}

function identityHash(deps: EngineDeps, entity: Entity, sections: ProfileSections): Promise<string> {
  const { firstName, lastName, companyEmployeeId } = sections.general ?? {};
  const email = (sections.emailAddresses ?? []).find((address) => address.type === 'Business')?.value;
  const parts = [firstName, lastName, companyEmployeeId, email?.toLowerCase()];
  return deps.store.hash(entity.id, JSON.stringify(parts.map((part) => part?.trim() ?? '')));
}
