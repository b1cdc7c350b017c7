import { type PoolClient } from 'pg';
import { type Entity } from '../../hub/types';
import { EVERYTHING, pullOnce } from '../../sync/engine/pull';
import { alternate, type Candidate } from '../lib/alternate';
import { at, BareConcur, inParallel } from '../lib/bare-concur';
import { type Bench, type BenchContext, demandEqual } from '../lib/bench';
import { type BenchWorld, type ConnectedEntity, TRAVEL_CONFIG_ID } from '../lib/world';

const NOTES = [
  'Ours lists twice: after more than one page a verify pass follows (docs/architecture.md, "Pulling").',
  'The yardsticks merge, check, seal, journal and resume nothing.',
];

/** Every profile the hub knows was changed in Concur. */
export const pullChanged: Bench = {
  name: 'pull',
  title: 'Pull: profiles that the hub knows and Concur changed',
  quick: { items: 300, rounds: 2 },
  full: { items: 10_000, rounds: 5 },
  async run(context) {
    const { world, size } = context;
    const company = await world.newCompany();
    await world.sandbox.ask({ kind: 'seed', companyUuid: company, count: size.items, jobTitle: titleOf(0) });
    const entity = await world.connect(company);
    await pullOnce(entity.deps, world.settings, entity.id);
    await dropTables(world);
    let since = EVERYTHING;
    const measured = await withYardsticks(context, entity, () => since, {
      prepare: (round) => Promise.resolve(ourRun(context, entity, round)),
      async beforeRound(round) {
        since = cursorOf(await world.store.entities.get(entity.id));
        const edit = { kind: 'edit-all', companyUuid: company, jobTitle: titleOf(round) } as const;
        demandEqual('profiles edited', (await world.sandbox.ask(edit)).edited, size.items);
      },
    });
    return { ...measured, notes: NOTES };
  },
};

/** As between two data centres: what counts then is how much of the waiting is done at once. */
export const pullFar: Bench = {
  ...pullChanged,
  name: 'pull-20ms',
  title: `${pullChanged.title}, 20 ms away`,
  delayMs: 20,
  slow: true,
};

/** The hub knows nobody yet: the first pull of an entity. */
export const pullFirst: Bench = {
  name: 'pull-first',
  title: 'First pull: profiles that the hub does not know',
  quick: { items: 300, rounds: 2 },
  full: { items: 10_000, rounds: 5 },
  slow: true,
  async run(context) {
    const { world, size } = context;
    const company = await world.newCompany();
    await world.sandbox.ask({ kind: 'seed', companyUuid: company, count: size.items, jobTitle: titleOf(0) });
    const reader = await world.connect(company);
    const measured = await withYardsticks(context, reader, () => EVERYTHING, {
      // Another entity of the same company knows nobody yet.
      prepare: async (round) => ourRun(context, await world.connect(company), round),
      async beforeRound(round) {
        const edit = { kind: 'edit-all', companyUuid: company, jobTitle: titleOf(round) } as const;
        await world.sandbox.ask(edit);
        await dropTables(world);
      },
    });
    return { ...measured, notes: NOTES };
  },
};

interface Ours {
  readonly prepare: Candidate['prepare'];
  readonly beforeRound: (round: number) => Promise<void>;
}

async function withYardsticks(
  context: BenchContext,
  reader: ConnectedEntity,
  since: () => Date,
  ours: Ours,
): Promise<Awaited<ReturnType<typeof alternate>>> {
  const { world, size } = context;
  const bare = new BareConcur(reader.token);
  const loop = new BareLoop(world, bare, since);
  try {
    return await alternate(
      context,
      [
        { name: 'ours', does: 'pullOnce: lists, reads, merges, seals and stores', prepare: ours.prepare },
        {
          name: 'bare',
          does: 'undici + fast-xml-parser: lists, reads, parses',
          prepare: (round) => Promise.resolve(loop.run(titleOf(round), size.items, false)),
        },
        {
          name: 'bare + rows',
          does: 'the same, and upserts the same rows per page as plain JSON with pg',
          prepare: async (round) => {
            await loop.createTables();
            return loop.run(titleOf(round), size.items, true);
          },
        },
      ],
      ours.beforeRound,
    );
  } finally {
    await bare.close();
  }
}

/** Those of the yardstick. */
async function dropTables(world: BenchWorld): Promise<void> {
  await world.pool.query('drop table if exists bench_travellers, bench_states');
}

function titleOf(round: number): string {
  return `Title of round ${round}`;
}

function cursorOf(entity: Entity): Date {
  return entity.cursor ?? EVERYTHING;
}

function ourRun({ world, size }: BenchContext, entity: ConnectedEntity, round: number) {
  let result: Awaited<ReturnType<typeof pullOnce>> | undefined;
  return {
    work: async () => {
      result = await pullOnce(entity.deps, world.settings, entity.id);
      await world.flushJournal();
    },
    check: async () => {
      demandEqual('ours, profiles seen', result?.seen, size.items);
      demandEqual('ours, travellers changed', result?.changed, size.items);
      demandEqual('ours, quarantined', result?.quarantined, 0);
      demandEqual('ours, settled', result?.settled, true);
      demandEqual(
        'ours, arrived in the hub',
        await countArrived(world, entity.id, titleOf(round)),
        size.items,
      );
    },
  };
}

async function countArrived(world: BenchWorld, entityId: string, jobTitle: string): Promise<number> {
  let arrived = 0;
  let cursor: string | undefined;
  do {
    const page = await world.store.travellers.list(entityId, {
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const current = page.items.filter(
      ({ traveller, sync }) => traveller.sections.general?.jobTitle === jobTitle && sync.state === 'synced',
    );
    arrived += current.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return arrived;
}

interface BareRow {
  readonly login: string;
  readonly document: unknown;
}

class BareLoop {
  constructor(
    private readonly world: BenchWorld,
    private readonly bare: BareConcur,
    private readonly since: () => Date,
  ) {}

  run(jobTitle: string, items: number, store: boolean) {
    let read = 0;
    return {
      work: async () => {
        read = await this.#pull(jobTitle, store);
      },
      check: async () => {
        demandEqual('bare, profiles read', read, items);
        if (!store) return;
        const { rows } = await this.world.pool.query<{ count: string }>(
          `select count(*) from bench_travellers t join bench_states s using (login)
           where t.sections->'ProfileResponse'->'General'->>'JobTitle' = $1 and s.base_hub = t.sections`,
          [jobTitle],
        );
        demandEqual('bare + rows, stored', Number(rows[0]?.count), items);
      },
    };
  }

  /** As ours: content in one table, its two bases in another, found by login. */
  async createTables(): Promise<void> {
    await this.world.pool.query(`
      create table if not exists bench_travellers (login text primary key, sections jsonb, changed_at timestamptz);
      create table if not exists bench_states
        (login text primary key, base_hub jsonb, base_concur jsonb, seen_at timestamptz)`);
  }

  /** @returns how many profiles were read that show this job title */
  async #pull(jobTitle: string, store: boolean): Promise<number> {
    let fitting = 0;
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const { logins, totalPages } = await this.bare.list(this.since(), TRAVEL_CONFIG_ID, page);
      pages = totalPages;
      const rows: BareRow[] = [];
      await inParallel(logins, this.world.settings.concurrency, async (login) => {
        const { document } = await this.bare.read(login);
        if (at(document, 'ProfileResponse', 'General', 'JobTitle') === jobTitle) fitting += 1;
        rows.push({ login, document });
      });
      if (store) await this.#store(rows);
    }
    return fitting;
  }

  async #store(rows: readonly BareRow[]): Promise<void> {
    const client = await this.world.pool.connect();
    try {
      await client.query('begin');
      await upsert(client, rows);
      await client.query('commit');
    } finally {
      client.release();
    }
  }
}

async function upsert(client: PoolClient, rows: readonly BareRow[]): Promise<void> {
  const now = new Date();
  const travellers = rows.map(({ login, document }) => ({ login, sections: document, changed_at: now }));
  const states = rows.map(({ login, document }) => ({
    login,
    base_hub: document,
    base_concur: document,
    seen_at: now,
  }));
  await client.query(
    `insert into bench_travellers select * from
       jsonb_to_recordset($1::jsonb) as x(login text, sections jsonb, changed_at timestamptz)
     on conflict (login) do update set sections = excluded.sections, changed_at = excluded.changed_at`,
    [JSON.stringify(travellers)],
  );
  await client.query(
    `insert into bench_states select * from
       jsonb_to_recordset($1::jsonb) as x(login text, base_hub jsonb, base_concur jsonb, seen_at timestamptz)
     on conflict (login) do update set base_hub = excluded.base_hub, base_concur = excluded.base_concur,
       seen_at = excluded.seen_at`,
    [JSON.stringify(states)],
  );
}
