import { type NightResult } from '../activities/reconcile';
import { type ReconciliationView } from '../hub/types';
import { differencesInWords } from '../sync/model/reconciliation-words';

const PHASES = {
  here: 'travellers are compared with Concur',
  there: 'Concur’s list is compared with the hub',
  repair: 'what differs is handed to the publisher and the pull',
} as const;

/** What the Temporal UI shows of a reconciliation, in Markdown that a support person can read. */
export function reconciliationDetails(
  { entityId, number }: { readonly entityId: string; readonly number: number },
  view: ReconciliationView | undefined,
  trouble?: string,
): string {
  const lines = [`Reconciliation ${number} of **${entityId}**: **${view?.state ?? 'running'}**`, ''];
  if (view !== undefined) lines.push(...shown(view));
  if (view?.error !== undefined) lines.push('', `> ${view.error}`);
  else if (trouble !== undefined) lines.push('', `> ${trouble} It is tried again.`);
  return lines.join('\n');
}

function shown({ state, travellers, counts, progress, repaired, repair }: ReconciliationView): string[] {
  const { compared, listed, withoutLogin } = progress;
  const lines = [
    state === 'running' ? `- Now: ${PHASES[progress.phase]}` : `- Result: ${differencesInWords(counts)}`,
    `- Travellers compared: ${compared} of ${travellers}`,
    `- Profiles on Concur’s list: ${listed}`,
  ];
  if (withoutLogin > 0) lines.push(`- Profiles without a login, which cannot be compared: ${withoutLogin}`);
  if (repair) lines.push(`- Handed on for repair: ${repaired}`);
  const { equal, differs, onlyHere, onlyThere, held, quarantined, notRemovable, pending, unread } = counts;
  return [
    ...lines,
    '',
    '| equal | differs | only here | only there | pending | held | quarantined | not removable | unread |',
    '|---:|---:|---:|---:|---:|---:|---:|---:|---:|',
    `| ${equal} | ${differs} | ${onlyHere} | ${onlyThere} | ${pending} | ${held} | ${quarantined} | ${notRemovable} | ${unread} |`,
  ];
}

/** The same of a night. */
export function nightDetails(started: number, result: NightResult | undefined, isOver: boolean): string {
  const lines = [`Nightly reconciliation of all active entities: **${isOver ? 'over' : 'running'}**`, ''];
  lines.push(`- Started: ${started}`);
  if (result === undefined) return lines.join('\n');
  const { due, leftOut } = result;
  lines.push(
    `- ${isOver && due > 0 ? 'Left for the next night, which begins with them' : 'Still due'}: ${due}`,
    `- Skipped, because they are paused or wait for an authorisation: ${leftOut.paused}`,
    `- Skipped, because their synchronisation fails: ${leftOut.failing}`,
    `- Skipped, because the interface or polling is off: ${leftOut.switchedOff}`,
  );
  return lines.join('\n');
}
