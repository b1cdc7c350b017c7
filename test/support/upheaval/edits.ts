import { type ApiClient } from '../../../cli/api-client';
import { type SandboxClient } from '../../../cli/sandbox-client';
import { waitUntil } from '../wait-until';

const MEALS = ['VGML', 'KSML', 'HNML', 'MOML', 'DBML', 'GFML'];
const ROOMS = ['King', 'Queen', 'Twin', 'Single', 'Double'];
/** A write is repeated until somebody takes it: the database may be away. */
const TAKEN_MS = 180_000;

/** Who changed what last: the truth that both sides must come to. One side edits each field. */
export interface Truth {
  /** By traveller: fields that only the hub's users edit. */
  readonly hub: Map<string, { roomType: string; jobTitle: string }>;
  /** By traveller: fields that only Concur's users edit. */
  readonly concur: Map<string, { mealCode: string; costCenter: string }>;
}

export interface Person {
  readonly id: string;
  readonly uuid: string;
}

export interface Editing {
  readonly api: ApiClient;
  readonly sandbox: SandboxClient;
  readonly entityId: string;
  readonly people: readonly Person[];
  readonly truth: Truth;
  /** Uniform in [0, 1); seeded. */
  readonly random: () => number;
}

/** One edit of one traveller in the hub; written down when it was taken. */
export async function editInHub({ api, entityId, people, truth, random }: Editing, n: number): Promise<void> {
  const { id } = pick(people, random);
  const change = { roomType: pick(ROOMS, random), jobTitle: `Title ${n}` };
  const sections = { hotel: { roomType: change.roomType }, general: { jobTitle: change.jobTitle } };
  await untilTaken(`the edit ${n} of ${id} in the hub`, () => api.patchTraveller(entityId, id, sections));
  truth.hub.set(id, change);
}

/** One edit of one profile at Concur's screen. */
export async function editInConcur({ sandbox, people, truth, random }: Editing, n: number): Promise<void> {
  const { id, uuid } = pick(people, random);
  const change = { mealCode: pick(MEALS, random), costCenter: `CC-${n}` };
  const sections = { air: { mealCode: change.mealCode }, general: { costCenter: change.costCenter } };
  await untilTaken(`the edit ${n} of ${id} in Concur`, () => sandbox.editProfile(uuid, sections));
  truth.concur.set(id, change);
}

function pick<T>(list: readonly T[], random: () => number): T {
  const picked = list[Math.floor(random() * list.length)];
  if (picked === undefined) throw new Error('there is nothing to pick from');
  return picked;
}

async function untilTaken(what: string, write: () => Promise<unknown>): Promise<void> {
  let last: unknown;
  try {
    await waitUntil(
      what,
      async () => {
        try {
          await write();
          return true;
        } catch (error) {
          last = error;
          return false;
        }
      },
      TAKEN_MS,
    );
  } catch (error) {
    throw new Error(`${String(error)}; last: ${String(last)}`, { cause: last });
  }
}
