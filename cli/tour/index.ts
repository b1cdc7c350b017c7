import { seconds } from '../text';
import { checkOneToOne, type OneToOne } from './compare';
import { awaitActive, type EditTimes, showBothDirections } from './edits';
import { migrate, showVerification } from './migrate';
import { connect, registerCompany, writeTravellers } from './prepare';
import { DEMO, type Tour, Voice } from './scene';

export { DEMO, type Tour } from './scene';

export interface TourResult extends OneToOne, EditTimes {
  readonly entityId: string;
  readonly migration: number;
  readonly published: number;
  readonly verified: number;
  readonly equal: number;
  readonly tookMs: number;
}

/**
 * The guided tour: the day a company goes live, from the request token to both directions running. Speaks
 * only HTTP to the API and to the sandbox; run again, it goes on from what it finds.
 * @throws CliError or ApiProblem with what to do, when it cannot go on
 */
export async function runTour(tour: Tour): Promise<TourResult> {
  const { output, clock } = tour;
  const startedAt = clock.monotonicMs();
  const voice = new Voice(tour);
  output.heading('Guided tour');
  output.line(
    'Everything in it is simulated: the Concur you see is a sandbox on this machine, and all travellers',
  );
  output.line('are invented.');

  await registerCompany(tour, voice);
  await writeTravellers(tour, voice);
  await connect(tour, voice);
  const migration = await migrate(tour, voice);
  showVerification(voice, migration);
  await awaitActive(tour);
  const oneToOne = await checkOneToOne(tour, voice);
  const times = await showBothDirections(tour, voice);
  const tookMs = Math.round(clock.monotonicMs() - startedAt);
  showWhatNext(tour, voice, tookMs);
  return {
    entityId: DEMO.entityId,
    migration: migration.number,
    published: migration.counts.done,
    verified: migration.report?.verified ?? 0,
    equal: migration.report?.equal ?? 0,
    tookMs,
    ...oneToOne,
    ...times,
  };
}

function showWhatNext({ output, places }: Tour, voice: Voice, tookMs: number): void {
  voice.begin(`That was the tour, in ${seconds(tookMs)}. What to look at now`);
  output.pairs(
    [
      ['Workflows', places.temporalUi ?? 'in the UI of your Temporal server'],
      ['API, try it out', `${places.api}/docs`],
      ['How it stands', 'npx concordance status'],
      ['The company', `npx concordance entity show ${DEMO.entityId}`],
      ['A traveller', `npx concordance traveller show ${DEMO.entityId} t-0012`],
      ['The report', `npx concordance migration report ${DEMO.entityId}`],
    ],
    '    ',
  );
}
