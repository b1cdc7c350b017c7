import { A_DIFFERENCE, aReconciliation, page } from './answers';
import { run, type Routes } from './harness';

const POST = 'POST /v1/entities/acme/reconcile';
const REPORT = 'GET /v1/entities/acme/reconciliations/2';
const ITEMS = `${REPORT}/items`;
const begun = { status: 202, body: { requestId: 'r-1', pending: false, number: 2 } };
const IN_STEP = aReconciliation({
  inStep: true,
  counts: {
    ...{ equal: 3, differs: 0, onlyHere: 0, onlyThere: 0, held: 0 },
    ...{ quarantined: 0, notRemovable: 0, pending: 0, unread: 0 },
  },
});

const reconcile = (routes: Routes, ...args: string[]) => run(['reconcile', 'acme', ...args], { routes });

test('two sides in step end with exit code 0', async () => {
  const ran = await reconcile({ [POST]: begun, [REPORT]: { body: IN_STEP }, [ITEMS]: page() });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain('3 equal.');
});

test('differences end with exit code 3 and are named by their fields', async () => {
  const routes = { [POST]: begun, [REPORT]: { body: aReconciliation() }, [ITEMS]: page(A_DIFFERENCE) };
  const ran = await reconcile(routes);
  expect(ran.code).toBe(3);
  expect(ran.stdout).toContain('2 equal, 1 different.');
  expect(ran.stdout).toContain('General/JobTitle');
  const json = await reconcile(routes, '--json');
  expect(json.code).toBe(3);
  expect(JSON.parse(json.stdout)).toMatchObject({ number: 2, items: [{ travellerId: 't-2' }] });
});

test('whoever does not wait is told where the report will stand', async () => {
  const ran = await reconcile({ [POST]: begun }, '--no-wait');
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain('concordance reconciliation show acme 2');
});

test('an entity that stood still ends with its reason and exit code 1', async () => {
  const skipped = aReconciliation({ state: 'skipped', error: 'The entity is in stage paused.' });
  const ran = await reconcile({ [POST]: begun, [REPORT]: { body: skipped } });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('stage paused');
});
