import { writeFile } from 'node:fs/promises';
import { type Profiler, Session } from 'node:inspector/promises';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = process.cwd();
const TOP = 25;

/**
 * Runs the work under V8's sampling profiler. The file opens in Chrome's DevTools.
 * @returns the functions and the parts of the program that took most of the time, one a line
 */
export async function profiled(file: string, work: () => Promise<void>): Promise<string[]> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 500 });
    await session.post('Profiler.start');
    await work();
    const { profile } = await session.post('Profiler.stop');
    await writeFile(file, JSON.stringify(profile));
    return [`CPU profile: ${relative(ROOT, file)}`, ...hottest(profile)];
  } finally {
    session.disconnect();
  }
}

/** Shares of the time the processor was busy. */
export function hottest(profile: Profiler.Profile): string[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const self = new Map<string, number>();
  const parts = new Map<string, number>();
  const inclusive = new Map<string, number>();
  let busy = 0;
  (profile.samples ?? []).forEach((id, index) => {
    const micros = profile.timeDeltas?.[index] ?? 0;
    const leaf = nodes.get(id);
    if (leaf === undefined || ['(idle)', '(program)', '(root)'].includes(leaf.callFrame.functionName)) return;
    busy += micros;
    add(self, nameOf(leaf), micros);
    add(parts, partOf(leaf), micros);
    const seen = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const node = nodes.get(at);
      if (node !== undefined && isOurs(node)) seen.add(nameOf(node));
    }
    for (const name of seen) add(inclusive, name, micros);
  });
  const rows = (title: string, shares: Map<string, number>): string[] => [
    title,
    ...[...shares]
      .sort(([, one], [, other]) => other - one)
      .slice(0, TOP)
      .map(([name, micros]) => `  ${((micros / busy) * 100).toFixed(1).padStart(5)} %  ${name}`),
  ];
  return [
    `busy ${(busy / 1e6).toFixed(2)} s`,
    ...rows('by part (self)', parts),
    ...rows('by function (self)', self),
    ...rows('by function of ours (with what it calls)', inclusive),
  ];
}

function add(shares: Map<string, number>, name: string, micros: number): void {
  shares.set(name, (shares.get(name) ?? 0) + micros);
}

function pathOf({ callFrame: { url } }: Profiler.ProfileNode): string {
  if (url === '') return '(native)';
  if (url.startsWith('node:')) return url;
  return relative(ROOT, url.startsWith('file:') ? fileURLToPath(url) : url);
}

function isOurs(node: Profiler.ProfileNode): boolean {
  const path = pathOf(node);
  return path.endsWith('.ts') && !path.startsWith('node_modules') && !path.startsWith(`bench${sep}`);
}

function nameOf(node: Profiler.ProfileNode): string {
  return `${pathOf(node)}:${node.callFrame.functionName || '(anonymous)'}`;
}

/** A package, a folder of ours, or Node itself. */
function partOf(node: Profiler.ProfileNode): string {
  const path = pathOf(node);
  if (path.startsWith('node:')) return 'node';
  const [first = '', second = '', third = ''] = path.split(sep);
  if (first !== 'node_modules') return second === '' ? node.callFrame.functionName : `${first}/${second}`;
  return second.startsWith('@') ? `${second}/${third}` : second;
}
