import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { exposedName, METRIC_ENTRIES } from '../../../workers/metrics/catalogue';

const ROOT = join(__dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const rulesSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Concordance[A-Z][A-Za-z]+$/),
          expr: z.string(),
          for: z.string().regex(/^\d+[mh]$/),
          labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
          annotations: z.strictObject({ summary: z.string().min(1), description: z.string().min(1) }),
        }),
      ),
    }),
  ),
});
const placeSchema = z.strictObject({ h: z.int(), w: z.int(), x: z.int(), y: z.int() });
const panelSchema = z.looseObject({
  id: z.int(),
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string().min(1),
  gridPos: placeSchema,
  targets: z
    .array(z.looseObject({ refId: z.string(), expr: z.string(), legendFormat: z.string() }))
    .default([]),
});
const dashboardSchema = z.looseObject({
  title: z.literal('Concordance'),
  uid: z.string(),
  schemaVersion: z.int().min(36),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string(), type: z.string() })) }),
  panels: z.array(panelSchema),
});

const { groups } = rulesSchema.parse(parse(read('deploy/prometheus/alerts.yml')));
const rules = groups.flatMap((group) => group.rules);
const dashboard = dashboardSchema.parse(JSON.parse(read('deploy/grafana/concordance.json')));
const shown = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));

/** A module of the other kind, which TypeScript lets nobody import at once. */
const promQl = import('@prometheus-io/lezer-promql');

interface Asked {
  readonly metrics: string[];
  readonly labels: string[];
  readonly errors: number;
}

/** What an expression of PromQL asks for; `errors` counts places that do not parse. */
async function asked(expression: string): Promise<Asked> {
  const { parser } = await promQl;
  const found = { metrics: [] as string[], labels: [] as string[], errors: 0 };
  parser.parse(expression).iterate({
    enter(node) {
      const text = expression.slice(node.from, node.to);
      if (node.type.isError) found.errors += 1;
      else if (node.name === 'Identifier') found.metrics.push(text);
      else if (node.name === 'LabelName') found.labels.push(text);
    },
  });
  return found;
}

/** Names and labels that a scrape of ours can hold. */
function served(name: string): readonly string[] | undefined {
  for (const entry of METRIC_ENTRIES) {
    const exposed = exposedName(entry);
    if (entry.kind !== 'histogram' && name === exposed) return entry.labels;
    if (entry.kind !== 'histogram') continue;
    if (name === `${exposed}_bucket`) return [...entry.labels, 'le'];
    if ([`${exposed}_sum`, `${exposed}_count`].includes(name)) return entry.labels;
  }
  return TEMPORAL.get(name);
}

/** Of the SDK's metrics those that are asked for; test/integration/cli/tour.test.ts sees them served. */
const TEMPORAL = new Map<string, readonly string[]>([
  ['temporal_worker_task_slots_available', ['task_queue', 'worker_type']],
  ['temporal_workflow_task_schedule_to_start_latency_seconds_bucket', ['task_queue', 'le']],
  ['temporal_activity_schedule_to_start_latency_seconds_bucket', ['task_queue', 'le']],
  ['temporal_activity_execution_failed_total', ['activity_type', 'task_queue']],
]);

/** What is wrong with an expression. */
async function complaints(expression: string): Promise<string[]> {
  const { metrics, labels, errors } = await asked(expression);
  if (errors > 0) return [`does not parse: ${expression}`];
  if (metrics.length === 0) return [`asks for nothing: ${expression}`];
  const unknown = metrics.filter((name) => served(name) === undefined);
  const known = new Set(metrics.flatMap((name) => served(name) ?? []));
  return [
    ...unknown.map((name) => `nobody serves ${name}`),
    ...labels.filter((label) => !known.has(label)).map((label) => `no label ${label}: ${expression}`),
  ];
}

describe('what is seen from outside', () => {
  it.each([
    ['a broken expression', 'sum(rate(concordance_polls_total[5m])', ['does not parse']],
    ['a metric that is not served', 'max(concordance_polls)', ['nobody serves concordance_polls']],
    ['a label that it has not', 'sum by (entity) (concordance_entities)', ['no label entity']],
    ['a number', '1 > 0', ['asks for nothing']],
  ])('is asked for in a way that can be wrong: %s', async (_what, expression, expected) => {
    expect(await complaints(expression)).toEqual(
      expected.map((text) => expect.stringContaining(text) as string),
    );
  });

  it.each(rules.map((rule) => [rule.alert, rule.expr]))(
    'has a rule that can fire: %s',
    async (_name, expr) => {
      expect(await complaints(expr)).toEqual([]);
    },
  );

  it('has every panel of the dashboard', async () => {
    expect(shown.length).toBeGreaterThan(20);
    for (const { title, expr } of shown)
      expect({ title, complaints: await complaints(expr) }).toEqual({ title, complaints: [] });
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const names = [...JSON.stringify(dashboard).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect(new Set(names)).toEqual(new Set(dashboard.templating.list.map(({ name }) => name)));
  });

  it('has no two panels in one place, and none beyond the edge', () => {
    const cells = dashboard.panels.flatMap(({ id, gridPos: { h, w, x, y } }) =>
      Array.from({ length: h * w }, (_, cell) => ({
        id,
        column: x + (cell % w),
        at: `${x + (cell % w)} ${y + Math.floor(cell / w)}`,
      })),
    );
    expect(cells.filter(({ column }) => column >= 24)).toEqual([]);
    expect(new Set(cells.map(({ at }) => at)).size).toBe(cells.length);
  });

  it('shows or watches every metric of ours', async () => {
    const expressions = await Promise.all([...shown, ...rules].map(({ expr }) => asked(expr)));
    const used = new Set(expressions.flatMap(({ metrics }) => metrics));
    const unused = METRIC_ENTRIES.map(exposedName).filter(
      (name) => !used.has(name) && !used.has(`${name}_bucket`),
    );
    expect(unused).toEqual([]);
  });

  it('is described, every metric with its labels and every alert', () => {
    const page = read('docs/metrics.md');
    const rows = [...page.matchAll(/^\| `(concordance_\w+)` +\| (\w+) +\| ([^|]*)\|/gm)].map(
      ([, name = '', kind = '', labels = '']) => ({
        name,
        kind,
        labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
      }),
    );
    const expected = METRIC_ENTRIES.map((entry) => ({
      name: exposedName(entry),
      kind: entry.kind,
      labels: [...entry.labels],
    }));
    expect(rows).toEqual(expected);
    const alerts = [...page.matchAll(/^\| `(Concordance\w+)`/gm)].map(([, name]) => name);
    expect(alerts).toEqual(rules.map(({ alert }) => alert));
  });
});
