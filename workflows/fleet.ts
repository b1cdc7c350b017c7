import { setCurrentDetails } from '@temporalio/workflow';
import { fleetActivities } from './activity-types';

/**
 * The sweep of the whole fleet, started every minute by a Schedule: asks SQL what was forgotten (dirty and
 * not woken, polls that are overdue, requests not delivered, entities without a lifecycle, migrations without
 * a workflow) and signals or restarts only those.
 */
export async function maintainFleet(): Promise<void> {
  const swept = await fleetActivities('Sweep the fleet').sweepFleet();
  setCurrentDetails(
    [
      'What the sweep had to mend:',
      '',
      `- requests delivered: ${swept.delivered}`,
      `- publishers woken: ${swept.woken}`,
      `- loops restarted: ${swept.restarted}`,
      `- lifecycles looked after: ${swept.lifecycles}`,
      `- migrations looked after: ${swept.migrations}`,
      `- reconciliations looked after: ${swept.reconciliations}`,
    ].join('\n'),
  );
}
