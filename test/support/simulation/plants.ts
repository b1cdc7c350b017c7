import { join } from 'node:path';

/** A bug planted into one module of the engine, in the memory of one process: the product has no switch for it. */
export interface Plant {
  readonly name: string;
  /** In words, what it breaks. */
  readonly breaks: string;
  readonly edits: readonly PlantEdit[];
}

export interface PlantEdit {
  /** From the root of the repository. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly put: string;
}

const PULL = 'sync/engine/pull.ts';
const PULL_STORE = 'sync/engine/pull-store.ts';
const PUBLISH = 'sync/engine/publish.ts';
const TRAVELLER = 'sync/engine/publish-traveller.ts';
const CREATE = 'sync/engine/create.ts';
const SETTLE = 'sync/engine/settle.ts';
const PLAN = 'sync/model/plan.ts';

export const PLANTS: readonly Plant[] = [
  {
    name: 'cursor-with-first-page',
    breaks: 'the cursor moves with the first page instead of with the end of the poll',
    edits: [
      {
        file: PULL,
        find: '      this.notePage(read);\n',
        put: `      this.notePage(read);
      const reached = Date.parse(this.progress.startedAt ?? '') - this.settings.overlapSeconds * 1000;
      await this.deps.store.transaction((tx) => tx.setCursor(this.entity.id, new Date(reached)));
`,
      },
    ],
  },
  {
    name: 'cursor-before-quarantine',
    breaks: 'what could not be read is written down only after the cursor has moved',
    edits: [
      {
        file: PULL_STORE,
        find: '    if (this.quarantined.length > 0) await tx.quarantine(this.quarantined, this.now);\n',
        put: '    late.push(...this.quarantined);\n',
      },
      {
        file: PULL_STORE,
        find: '/** Stores a batch of pulled profiles',
        put: 'export const late: QuarantineEntry[] = [];\n/** Stores a batch of pulled profiles',
      },
      {
        file: PULL,
        find: '    return { seen, changed, quarantined, settled, withoutLogin',
        put: `    const entries = late.splice(0);
    if (entries.length > 0) await this.deps.store.transaction((tx) => tx.quarantine(entries, now));
    return { seen, changed, quarantined, settled, withoutLogin`,
      },
      {
        file: PULL,
        find: 'type PulledRow, type Stored, storePulled }',
        put: 'type PulledRow, type Stored, storePulled, late }',
      },
    ],
  },
  {
    name: 'base-from-what-was-sent',
    breaks: 'the bases after a write are what was sent, whatever Concur made of it',
    edits: [
      {
        file: SETTLE,
        find: '    set(baseConcur, id, c);\n    if (slotEquivalent',
        put: '    set(baseConcur, id, h);\n    if (h === h) continue;\n    if (slotEquivalent',
      },
    ],
  },
  {
    name: 'empty-element-sent',
    breaks: 'a field that the hub does not have is sent empty beside those that changed',
    edits: [
      {
        file: PLAN,
        find: '    if (slots === undefined || id === undefined) continue;\n',
        put: `    const isExtra = place.path.join('.') === 'hotel.hotelOther' && hub.sections.hotel === undefined;
    if (isExtra && wanted.size > 0) draft.addLeaf(place, 'hotel.hotelOther');
    if (slots === undefined || id === undefined) continue;
`,
      },
    ],
  },
  {
    name: 'no-overlap',
    breaks: 'the next poll asks only for what changed after the first page of the last one',
    edits: [
      {
        file: PULL,
        find: 'reached.getTime() - this.settings.overlapSeconds * 1000',
        put: 'reached.getTime()',
      },
    ],
  },
  {
    name: 'list-sent-partial',
    breaks: 'only the elements that changed are sent, which deletes the others',
    edits: [
      {
        file: PLAN,
        find: '    const ofHub = [...this.hub.values()].filter((slot) => slot.id.startsWith(prefix));\n',
        put: '    const ofHub = [...this.hub.values()].filter((slot) => slots.includes(slot.id));\n',
      },
    ],
  },
  {
    name: 'echo-not-recognised',
    breaks: 'each observation counts as a change, also of what we wrote ourselves',
    edits: [
      {
        file: 'sync/engine/absorb.ts',
        find: 'const dirty = result.toConcur.length > 0;',
        put: 'const dirty = true;',
      },
    ],
  },
  {
    name: 'read-back-as-base',
    breaks: 'all that the read back shows becomes the base, edits made in between as well',
    edits: [
      {
        file: SETTLE,
        find: '  const baseConcur = new Map(before);\n',
        put: '  const baseConcur = new Map(after);\n  for (const [id, slot] of after) set(baseHub, id, slot);\n',
      },
    ],
  },
  {
    name: 'no-version-check',
    breaks: 'a pull stores what it read although the traveller was published meanwhile',
    edits: [
      { file: PULL_STORE, find: 'candidate.noted.get(current.traveller.id) !== version', put: 'version < 0' },
    ],
  },
  {
    name: 'lease-ignored',
    breaks: 'a pull stores into a traveller that is being published',
    edits: [
      {
        file: PULL_STORE,
        find: 'if (leaseUntil !== undefined && leaseUntil.getTime() > this.now.getTime()) {',
        put: 'if (leaseUntil !== undefined && leaseUntil.getTime() < 0) {',
      },
    ],
  },
  {
    name: 'intent-not-written',
    breaks: 'a create whose answer is lost is not known to be ours',
    edits: [
      {
        file: CREATE,
        find: "  if (!(await keepIntent(intent))) return { kind: 'lost-lease' };\n",
        put: '  void intent;\n',
      },
    ],
  },
  {
    name: 'wake-cleared-after-reading',
    breaks: 'a change between the last look and the end of a drain wakes nobody',
    edits: [
      {
        file: PUBLISH,
        find: '  await deps.store.clearWake(entityId);\n',
        put: '',
      },
      {
        file: PUBLISH,
        find: '  return { ...counts, remaining: ready, leased };',
        put: '  await deps.store.clearWake(entityId);\n  return { ...counts, remaining: ready, leased };',
      },
    ],
  },
  {
    name: 'adopted-without-intent',
    breaks: 'a login that is in use is taken for ours',
    edits: [
      {
        file: CREATE,
        find: "if ((await deps.concur.readProfile({ type: 'login', value: login })) !== undefined) throw loginTaken();",
        put: `const taken = await deps.concur.readProfile({ type: 'login', value: login });
  if (taken !== undefined) return { kind: 'adopted', read: taken };`,
      },
    ],
  },
  {
    name: 'identity-not-checked',
    breaks: 'the profile that a login leads to is written to, whoever it is',
    edits: [
      {
        file: 'sync/engine/identity.ts',
        find: 'return uuid === undefined || read.profile.uuid === undefined || read.profile.uuid === uuid;',
        put: 'return uuid !== null;',
      },
    ],
  },
  {
    name: 'merge-not-stored',
    breaks: 'what a publish took from Concur is not stored where the hub was edited meanwhile',
    edits: [
      {
        file: TRAVELLER,
        find: '    ? rebase(imageOfTraveller(current.traveller), imageOfTraveller(leased.traveller), merged.hub)\n',
        put: '    ? imageOfTraveller(current.traveller)\n',
      },
    ],
  },
  {
    name: 'open-edits-settled',
    breaks: 'an edit in Concur that the hub overwrites during a publish leaves no conflict',
    edits: [
      {
        file: TRAVELLER,
        find: 'const bases = withOpenEdits(settled.bases, step.plan, current, this.leased, merged);',
        put: 'const bases = settled.bases;',
      },
    ],
  },
  {
    name: 'conflicts-not-kept',
    breaks: 'the value that lost is not written down',
    edits: [
      {
        file: PULL_STORE,
        find: '    if (this.conflicts.length > 0) await tx.addConflicts(this.conflicts, this.now);\n',
        put: '',
      },
    ],
  },
  {
    name: 'no-verify-pass',
    breaks: 'pages that shift while they are read are not looked at again',
    edits: [
      {
        file: PULL,
        find: 'const verify = this.progress.verify || page.totalPages > 1;',
        put: 'const verify = this.progress.verify && page.totalPages < 0;',
      },
    ],
  },
  {
    name: 'no-consistency-margin',
    breaks: 'a row counts as read although it changed in the second of the read',
    edits: [
      {
        file: PULL,
        find: 'modifiedAt.getTime() + CONSISTENCY_MARGIN_MS',
        put: 'modifiedAt.getTime()',
      },
    ],
  },
];

const ROOT = join(__dirname, '../../..');

export function plantNamed(name: string): Plant {
  const plant = PLANTS.find((each) => each.name === name);
  if (plant === undefined) throw new Error(`There is no planted bug ${name}.`);
  return plant;
}

/**
 * The source of a module with the bug in it; undefined where the bug is elsewhere.
 * @throws Error unless what is replaced stands exactly once
 */
export function planted({ name, edits }: Plant, path: string, source: string): string | undefined {
  const here = edits.filter(({ file }) => join(ROOT, file) === path);
  if (here.length === 0) return undefined;
  return here.reduce((text, { file, find, put }) => {
    const parts = text.split(find);
    if (parts.length !== 2) {
      throw new Error(`What ${name} replaces stands ${parts.length - 1} times in ${file}, not once.`);
    }
    return parts.join(put);
  }, source);
}
