import { z } from 'zod';
import { behaviourOverridesSchema } from './behaviour';
import { companySchema } from './company';
import { cardsSchema } from './card-seeds';
import { isSectionsTree, sectionsProblem } from './tree';
import { tokenStateSchema } from './tokens';
import { type StoredProfile, type Tree } from './types';
import { type World } from './world';

const VERSION = 2;

const headSchema = z.strictObject({
  version: z.literal(VERSION),
  simulation: z.literal(true),
  clock: z.strictObject({ offsetMs: z.number(), skewMs: z.number() }),
  behaviour: behaviourOverridesSchema,
  /** Ports of the last time: the client's stored geolocation names them. */
  ports: z.array(z.number().int()),
  companies: z.array(companySchema),
  tokens: tokenStateSchema,
});

const unknownElements = z.array(z.strictObject({ path: z.string(), name: z.string(), value: z.string() }));

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
  unknown: unknownElements,
  onlyInVersion1: unknownElements.optional(),
  externalId: z.string().optional(),
  cards: cardsSchema.optional(),
  modifiedAt: z.number(),
  sequence: z.number(),
});

/** The next line for the file: everything but the profiles. */
export function headLine(world: World, ports: readonly number[]): string {
  const head: z.input<typeof headSchema> = {
    version: VERSION,
    simulation: true,
    clock: world.clock.state,
    behaviour: world.behaviourOverrides,
    ports: [...ports],
    companies: [...world.store.allCompanies()],
    tokens: world.tokens.state,
  };
  return JSON.stringify({ head });
}

/** The next line for the file: one profile as it now is. */
export function profileLine(profile: StoredProfile): string {
  return JSON.stringify({ profile });
}

/** All that must outlive a restart; no single text has to hold it. */
export function* allLines(world: World, ports: readonly number[]): Generator<string> {
  yield headLine(world, ports);
  for (const profile of world.store.profiles()) yield profileLine(profile);
}

const lineSchema = z.union([
  z.strictObject({ head: headSchema }),
  z.strictObject({ profile: profileSchema }),
]);

/**
 * Puts the lines of a file back; the last line about a thing counts.
 * @returns the ports of the last time
 * @throws Error where a line is none of this version
 */
export function restoreLines(world: World, lines: readonly string[]): readonly number[] {
  let last: z.output<typeof headSchema> | undefined;
  const profiles = new Map<string, StoredProfile>();
  for (const line of lines) {
    const parsed = lineSchema.parse(JSON.parse(line));
    if ('head' in parsed) last = parsed.head;
    else {
      const { cards, ...rest } = parsed.profile;
      profiles.set(rest.uuid, cards === undefined ? rest : { ...rest, cards });
    }
  }
  if (last === undefined) return [];
  for (const company of last.companies) world.store.putCompany(company);
  for (const profile of profiles.values()) world.store.putProfile(profile);
  world.tokens.restore(last.tokens);
  world.clock.restore(last.clock);
  world.overrideBehaviour(last.behaviour);
  return last.ports;
}
