import { ScheduleNotFoundError } from '@temporalio/client';
import { ensureNightSchedule } from '../../client';
import { connectTo, devServer } from '../support/workflow/servers';

jest.setTimeout(90_000);

test('the nightly Schedule is made once, follows its setting, and goes with it', async () => {
  const server = await devServer();
  try {
    const env = await connectTo(server);
    try {
      const { client } = env;
      const schedule = client.schedule.getHandle('concordance-reconcile');
      const hours = async () => (await schedule.describe()).spec.calendars?.map(({ hour }) => hour);
      await ensureNightSchedule(client, 1);
      await ensureNightSchedule(client, 1);
      expect(await hours()).toEqual([[{ start: 1, end: 1, step: 1 }]]);
      await ensureNightSchedule(client, 22);
      expect(await hours()).toEqual([[{ start: 22, end: 22, step: 1 }]]);
      expect((await schedule.describe()).action).toMatchObject({ workflowType: 'reconcileFleet' });
      await ensureNightSchedule(client, 'off');
      await ensureNightSchedule(client, 'off');
      await expect(schedule.describe()).rejects.toBeInstanceOf(ScheduleNotFoundError);
    } finally {
      await env.teardown();
    }
  } finally {
    await server.stop();
  }
});
