import { z } from 'zod';
import { type MigrationItem } from '../../hub';
import { type MigrationItemJson } from '../schemas/migration';
import { type PlannedWrite, renderPlan } from './planned-xml';

/** What `sync/engine/migrate.ts` stores as a plan (StoredPlan). */
const planSchema = z.object({
  action: z.enum(['Create', 'Update']),
  loginId: z.string(),
  status: z.enum(['active', 'inactive']),
  sections: z.record(z.string(), z.unknown()),
  overwrites: z.array(z.string()).default([]),
  clears: z.array(z.string()).default([]),
  withheld: z.array(z.object({ field: z.string(), code: z.string(), reason: z.string() })).default([]),
});

/** @param showSensitive false: masked XML, and places without the numbers that name list elements */
export function migrationItemJson(item: MigrationItem, showSensitive: boolean): MigrationItemJson {
  const plan = item.plan === undefined ? undefined : planSchema.parse(item.plan);
  const places = (slots: readonly string[] = []): string[] =>
    showSensitive ? [...slots] : withoutIdentities(slots);
  const rendered =
    plan === undefined ? { xml: null, problem: null } : renderPlan(toWrite(plan), showSensitive);
  return {
    travellerId: item.travellerId,
    action: item.action,
    code: item.code ?? null,
    reason: item.reason ?? null,
    xml: rendered.xml,
    xmlProblem: rendered.problem,
    overwrites: places(plan?.overwrites),
    clears: places(plan?.clears),
    withheld: plan?.withheld ?? [],
    outcome: item.outcome ?? null,
    detail: item.detail ?? null,
    replanned: item.replanned,
  };
}

function toWrite({ action, loginId, status, sections }: z.infer<typeof planSchema>): PlannedWrite {
  return { action, loginId, status, sections };
}

/** `visas[123456789]` names a document by its number. */
function withoutIdentities(slots: readonly string[]): string[] {
  return [...new Set(slots.map((slot) => slot.replace(/\[[^]*$/, '')))];
}
