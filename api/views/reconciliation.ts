import { MASK, type Reconciliation, type ReconciliationItem } from '../../hub';
import { isInStep } from '../../sync/model/reconciliation-words';
import { isoOrNull } from '../paging';
import { type ReconciliationItemJson, type ReconciliationJson } from '../schemas/reconciliation';

export function reconciliationJson(reconciliation: Reconciliation): ReconciliationJson {
  const { number, state, origin, repair, travellers, counts, progress, repaired, error } = reconciliation;
  const { compared, listed, withoutLogin } = progress;
  return {
    ...{ number, state, origin, repair, travellers, compared, listed, withoutLogin },
    counts: { ...counts },
    inStep: state === 'running' ? null : state === 'completed' && isInStep(counts),
    repaired,
    error: error ?? null,
    createdAt: reconciliation.createdAt.toISOString(),
    startedAt: isoOrNull(reconciliation.startedAt),
    finishedAt: isoOrNull(reconciliation.finishedAt),
  };
}

/** Logins come opened only for the scope `sensitive`. */
export function reconciliationItemJson(item: ReconciliationItem): ReconciliationItemJson {
  const { key, travellerId, login, outcome, fields, code, reason, repairedAt } = item;
  return {
    key,
    travellerId: travellerId ?? null,
    concurLoginId: travellerId === undefined ? (login ?? MASK) : null,
    outcome,
    fields: [...fields],
    code: code ?? null,
    reason: reason ?? null,
    repairedAt: isoOrNull(repairedAt),
  };
}
