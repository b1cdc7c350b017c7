import { type Migration } from '../api-types';
import { findLatestMigration } from '../commands/migration-find';
import { isOver, workOf } from '../commands/migration-view';
import { CliError } from '../errors';
import { type Progress } from '../progress';
import { cut, safe, some } from '../text';
import { waitFor } from '../wait';
import { DEMO, type Tour, type Voice } from './scene';
import { indented } from '../xml-lines';

const LOOK_MS = 100;
const PLAN_WAIT = {
  everyMs: LOOK_MS,
  limitMs: 300_000,
  message: 'There was no plan within five minutes.',
} as const;
const PUBLISH_WAIT = {
  everyMs: LOOK_MS,
  limitMs: 1_800_000,
  message: 'Publishing has not ended within half an hour.',
} as const;
const ENDED_WITHOUT_RESULT = new Set(['rejected', 'cancelled', 'failed']);
const XML_LINES = 14;
const XML_WIDTH = 92;

/** Plan → approval → execution → verification. What an earlier tour has completed is only shown. */
export async function migrate(tour: Tour, voice: Voice): Promise<Migration> {
  voice.begin('The plan: a dry run, nothing is written');
  const planned = await thePlan(tour);
  const { number, state } = planned;
  if (state === 'completed') {
    voice.good(`Migration ${number} was completed by an earlier tour.`);
    return planned;
  }
  if (state === 'awaiting-approval') {
    await showPlan(tour, voice, planned);
    await approve(tour, voice, planned);
  }
  return publish(tour, voice, number);
}

async function thePlan({ api, clock }: Tour): Promise<Migration> {
  const latest = await waitFor(clock, PLAN_WAIT, () => findLatestMigration(api, DEMO.entityId));
  const number = ENDED_WITHOUT_RESULT.has(latest.state)
    ? (await api.startMigration(DEMO.entityId, { strategy: 'publish' })).number
    : latest.number;
  return waitFor(clock, PLAN_WAIT, async () => {
    const now = await api.migration(DEMO.entityId, number);
    return now.state === 'planning' ? undefined : now;
  });
}

async function showPlan({ api }: Tour, voice: Voice, { number, counts }: Migration): Promise<void> {
  voice.numbers([
    ['create', counts.create],
    ['update', counts.update],
    ['bind', counts.bind],
    ['unchanged', counts.unchanged],
    ['refused', counts.refused],
  ]);
  for await (const { travellerId, xml } of api.migrationItems(DEMO.entityId, number)) {
    if (xml === undefined || xml === null) continue;
    voice.say(`What would be sent for ${travellerId}, shortened:`);
    for (const line of shortened(xml)) voice.quiet(`  ${line}`);
    return;
  }
}

/** The first lines of a document, none wider than the terminal. */
export function shortened(xml: string): string[] {
  const lines = indented(xml).split('\n');
  const shown = lines.slice(0, XML_LINES).map((line) => cut(safe(line), XML_WIDTH));
  const left = lines.length - shown.length;
  return left > 0 ? [...shown, `… ${some(left, 'more line')}`] : shown;
}

async function approve({ api }: Tour, voice: Voice, { number, digest, counts }: Migration): Promise<void> {
  if (digest === undefined || digest === null) {
    throw new CliError('no-digest', `The plan of migration ${number} has no digest; it cannot be approved.`);
  }
  voice.begin('Approval and mass publish');
  await api.decide(DEMO.entityId, number, 'approve', { digest });
  voice.say(`Approved by the digest of the plan: ${some(workOf(counts).total, 'profile')} may be written.`);
}

async function publish({ api, clock }: Tour, voice: Voice, number: number): Promise<Migration> {
  let bar: Progress | undefined;
  let verifying = false;
  try {
    const end = await waitFor(clock, PUBLISH_WAIT, async () => {
      const now = await api.migration(DEMO.entityId, number);
      const { done, total } = workOf(now.counts);
      if (bar === undefined && total > 0) bar = voice.progress('Publishing', total);
      if (!verifying) bar?.update(done, total);
      if (!verifying && (now.state === 'verifying' || isOver(now))) {
        verifying = true;
        bar?.finish();
        voice.say('Every profile is read back and compared …');
      }
      return isOver(now) ? now : undefined;
    });
    if (end.state === 'completed') return end;
    throw new CliError(
      'migration-ended',
      `Migration ${number} is ${end.state}: ${end.error ?? 'see the log'}`,
    );
  } finally {
    if (!verifying) bar?.finish();
  }
}

export function showVerification(voice: Voice, { report, counts }: Migration): void {
  voice.begin('Verification');
  if (report === undefined || report === null) {
    voice.bad('There is no report for this migration.');
    return;
  }
  voice.numbers([
    ['published', counts.done],
    ['quarantined', counts.quarantined],
    ['verified', report.verified],
    ['equal field by field', report.equal],
    ['different', report.differs.length],
    ['missing in Concur', report.missing.length],
    ['warnings', report.warnings],
  ]);
  for (const { travellerId, fields } of report.differs.slice(0, 5))
    voice.bad(`${travellerId} differs in ${fields.join(', ')}`);
  if (report.equal === DEMO.travellers) voice.good(`All ${DEMO.travellers} are equal on both sides.`);
}
