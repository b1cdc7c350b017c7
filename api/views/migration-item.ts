import { z } from 'zod';
import { type MigrationItem } from '../../hub';
import { type MigrationItemJson } from '../schemas/migration';
import { type PlannedWrite, renderCards, renderPlan } from './planned-xml';

/** What `sync/engine/migrate.ts` stores as a plan (StoredPlan). */
const planSchema = z.object({
  action: z.enum(['Create', 'Update']),
  loginId: z.string(),
  status: z.enum(['active', 'inactive']),
  sections: z.record(z.string(), z.unknown()),
  cards: z.array(z.record(z.string(), z.unknown())).optional(),
  overwrites: z.array(z.string()).default([]),
  clears: z.array(z.string()).default([]),
  withheld: z.array(z.object({ field: z.string(), code: z.string(), reason: z.string() })).default([]),
});

/** @param showSensitive false: masked XML, and places without the numbers that name list elements */
export function migrationItemJson(item: MigrationItem, showSensitive: boolean): MigrationItemJson {
  const plan = item.plan === undefined ? undefined : planSchema.parse(item.plan);
  const places = (slots: readonly string[] = []): string[] =>
    showSensitive ? [...slots] : withoutIdentities(slots);
  const write = plan === undefined ? undefined : toWrite(plan);
  const profile = write !== undefined && writesProfile(plan) ? renderPlan(write, showSensitive) : NOTHING;
  const cards = write?.cards === undefined ? NOTHING : renderCards(write, showSensitive);
  return {
    travellerId: item.travellerId,
    action: item.action,
    code: item.code ?? null,
    reason: item.reason ?? null,
    xml: profile.xml,
    cardsXml: cards.xml,
    xmlProblem: profile.problem ?? cards.problem,
    overwrites: places(plan?.overwrites),
    clears: places(plan?.clears),
    withheld: plan?.withheld ?? [],
    outcome: item.outcome ?? null,
    detail: item.detail ?? null,
    replanned: item.replanned,
  };
}

const NOTHING = { xml: null, problem: null } as const;

function toWrite({ action, loginId, status, sections, cards }: z.infer<typeof planSchema>): PlannedWrite {
  return { action, loginId, status, sections, ...(cards === undefined ? {} : { cards }) };
}

/** False where only the cards are to be sent. */
function writesProfile(plan: z.infer<typeof planSchema> | undefined): boolean {
  if (plan?.cards === undefined || plan.action === 'Create') return true;
  return Object.keys(plan.sections).length > 0 || plan.overwrites.includes('status');
}

/** `visas[123456789]` names a document by its number. */
function withoutIdentities(slots: readonly string[]): string[] {
  return [...new Set(slots.map((slot) => slot.replace(/\[[^]*$/, '')))];
}
