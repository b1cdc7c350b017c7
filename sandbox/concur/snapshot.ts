import { z } from 'zod';
import { behaviourOverridesSchema } from './behaviour';
import { companySchema } from './company';
import { isSectionsTree, sectionsProblem } from './tree';
import { tokenStateSchema } from './tokens';
import { type StoredProfile, type Tree } from './types';
import { type World } from './world';

const VERSION = 1;

const headSchema = z.strictObject({
  version: z.literal(VERSION),
  simulation: z.literal(true),
  random: z.number(),
  clock: z.strictObject({ offsetMs: z.number(), skewMs: z.number() }),
  behaviour: behaviourOverridesSchema,
  /** Ports of the last time: the client's stored geolocation names them. */
  ports: z.array(z.number().int()),
  companies: z.array(companySchema),
  tokens: tokenStateSchema,
});

const profileSchema = z.strictObject({
  uuid: z.string(),
  companyUuid: z.string(),
  loginId: z.string(),
  xmlProfileSyncId: z.string(),
  status: z.enum(['active', 'inactive']),
  sections: z.unknown().transform((value, context): Tree => {
    if (isSectionsTree(value)) return value;
    context.addIssue({ code: 'custom', message: sectionsProblem(value) ?? 'not sections' });
    return z.NEVER;
  }),
  unknown: z.array(z.strictObject({ path: z.string(), name: z.string(), value: z.string() })),
  modifiedAt: z.number(),
  sequence: z.number(),
});

/** Everything that must outlive a restart, as it is at this moment. */
export interface Snapshot {
  readonly head: z.output<typeof headSchema>;
  /** Profiles are never changed in place, so the list stays what it was while it is written. */
  readonly profiles: readonly StoredProfile[];
}

export function takeSnapshot(world: World, ports: readonly number[]): Snapshot {
  return {
    head: {
      version: VERSION,
      simulation: true,
      random: world.random.position,
      clock: world.clock.state,
      behaviour: world.behaviourOverrides,
      ports: [...ports],
      companies: [...world.store.allCompanies()],
      tokens: world.tokens.state,
    },
    profiles: world.store.profiles(),
  };
}

/** One JSON per line: the head, then each profile; no single text has to hold all of them. */
export function* snapshotLines(snapshot: Snapshot): Generator<string> {
  yield `${JSON.stringify(snapshot.head)}\n`;
  for (const profile of snapshot.profiles) yield `${JSON.stringify(profile)}\n`;
}

/**
 * Puts a snapshot back.
 * @param sameSeed go on in the sequence of ids where the snapshot stands
 * @returns the ports of the last time
 * @throws Error where the text is no snapshot of this version
 */
export function restoreSnapshot(world: World, text: string, sameSeed: boolean): readonly number[] {
  const [first = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const head = headSchema.parse(JSON.parse(first));
  for (const company of head.companies) world.store.putCompany(company);
  for (const line of lines) world.store.putProfile(profileSchema.parse(JSON.parse(line)));
  world.tokens.restore(head.tokens);
  world.clock.restore(head.clock);
  world.overrideBehaviour(head.behaviour);
  if (sameSeed) world.random.restore(head.random);
  return head.ports;
}
