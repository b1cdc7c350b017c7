import { valueAt } from '../../sync/model/slots';
import { CliError } from '../errors';
import { waitFor } from '../wait';
import { DEMO, type Tour, type Voice } from './scene';

/** Short, because what is shown is the time it takes. */
const LOOK_MS = 10;
const ACTIVE_WAIT = {
  everyMs: 100,
  limitMs: 120_000,
  message: `${DEMO.entityId} did not become active within two minutes.`,
} as const;

export interface EditTimes {
  readonly concurToHubMs: number;
  readonly hubToConcurMs: number;
}

/** After the migration the loops run in both directions. */
export async function awaitActive({ api, clock }: Tour): Promise<void> {
  await waitFor(clock, ACTIVE_WAIT, async () =>
    (await api.entity(DEMO.entityId)).stage === 'active' ? true : undefined,
  );
}

/** One edit on each side, and how long until the other side has it. */
export async function showBothDirections(tour: Tour, voice: Voice): Promise<EditTimes> {
  voice.begin('From Concur to the hub');
  const concurToHubMs = await editInConcur(tour, voice);
  voice.begin('From the hub to Concur');
  const hubToConcurMs = await editInHub(tour, voice);
  return { concurToHubMs, hubToConcurMs };
}

/** Neither field is among those the tour writes: running it again does not undo the edits. */
const MEALS = ['VGML', 'KSML', 'MOML'] as const;
const ROOMS = ['King', 'Queen', 'Twin'] as const;
const MEAL_PATH = ['air', 'mealCode'] as const;
const ROOM_PATH = ['hotel', 'roomType'] as const;

function otherThan(value: unknown, choices: readonly [string, ...string[]]): string {
  return choices.find((choice) => choice !== value) ?? choices[0];
}

async function editInConcur(tour: Tour, voice: Voice): Promise<number> {
  const { api, sandbox, clock } = tour;
  const travellerId = 't-0001';
  const uuid = await boundUuid(tour, travellerId);
  const meal = otherThan(valueAt((await sandbox.profile(uuid)).sections, MEAL_PATH), MEALS);
  voice.say(
    `At Concur's screen somebody sets the meal of ${travellerId} to ${meal}; then a poll is asked for.`,
  );
  await sandbox.editProfile(uuid, { air: { mealCode: meal } });
  const startedAt = clock.monotonicMs();
  await api.act(DEMO.entityId, 'poll');
  await waitFor(clock, waiting('The edit did not arrive in the hub within two minutes.'), async () => {
    const now = await api.traveller(DEMO.entityId, travellerId);
    return valueAt(now, MEAL_PATH) === meal ? true : undefined;
  });
  return arrived(voice, 'In the hub', clock.monotonicMs() - startedAt);
}

async function editInHub(tour: Tour, voice: Voice): Promise<number> {
  const { api, sandbox, clock } = tour;
  const travellerId = 't-0002';
  const uuid = await boundUuid(tour, travellerId);
  const before = await api.traveller(DEMO.entityId, travellerId);
  const room = otherThan(valueAt(before, ROOM_PATH), ROOMS);
  voice.say(`In the hub the room of ${travellerId} is set to ${room}; nothing else is asked for.`);
  const startedAt = clock.monotonicMs();
  await api.patchTraveller(DEMO.entityId, travellerId, { hotel: { roomType: room } });
  await waitFor(clock, waiting('The edit did not arrive in Concur within two minutes.'), async () => {
    const now = await sandbox.profile(uuid);
    return valueAt(now.sections, ROOM_PATH) === room ? true : undefined;
  });
  return arrived(voice, 'In simulated Concur', clock.monotonicMs() - startedAt);
}

function waiting(message: string) {
  return { everyMs: LOOK_MS, limitMs: 120_000, message };
}

function arrived(voice: Voice, where: string, milliseconds: number): number {
  const rounded = Math.round(milliseconds);
  voice.good(`${where} after ${rounded.toLocaleString('en-US')} ms.`);
  return rounded;
}

async function boundUuid({ api }: Tour, travellerId: string): Promise<string> {
  const { concurUuid } = await api.traveller(DEMO.entityId, travellerId);
  if (concurUuid !== undefined && concurUuid !== null) return concurUuid;
  throw new CliError(
    'not-bound',
    `${travellerId} has no profile in Concur: look at \`concordance quarantine list --entity ${DEMO.entityId}\`.`,
  );
}
