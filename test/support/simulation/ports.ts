import { type ProfileWrite } from '../../../concur/types';
import { type EngineDeps, type SyncStore } from '../../../sync/engine/ports';
import { valueAt } from '../../../sync/model/slots';
import { ELEMENTS, STATUS, unitOf } from './elements';
import { type Ledger } from './ledger';
import { type Run, type Scheduler } from './scheduler';
import { NO_RANDOM, type SimulatedWorld } from './world';

export interface PortContext {
  readonly world: SimulatedWorld;
  readonly scheduler: Scheduler;
  readonly ledger: Ledger;
  readonly ids: { next(): string };
  readonly pageSize: number;
  readonly complaints: string[];
  /** Called where a login went to somebody else between our read and our write. */
  crossed(): void;
  /** The person a profile is about. */
  personOf(uuid: string): number | undefined;
}

/** The engine's ports for one run: each call waits for its turn, and is the place where the run may be dropped. */
export function portsFor(context: PortContext, run: Run): EngineDeps {
  const { world, scheduler } = context;
  const call = <T>(label: string, work: () => Promise<T>): Promise<T> =>
    scheduler.call(run, `${run.lane} ${label}`, work);
  return {
    store: gatedStore(world.store.sync, call),
    concur: gatedConcur(context, run, call),
    cards: {
      cardsToSend: (...a) => world.cards.cardsToSend(...a),
      readCards: (...a) => call('readCards', () => world.cards.readCards(...a)),
      writeCards: (...a) => call('writeCards', () => world.cards.writeCards(...a)),
    },
    clock: {
      now: () => world.clock.now(),
      sleep: (ms) => call('sleep', () => world.clock.sleep(ms)),
    },
    random: NO_RANDOM,
    ids: context.ids,
  };
}

type Call = <T>(label: string, work: () => Promise<T>) => Promise<T>;

/** A transaction is one call: nothing else can come between its statements, and a crash within rolls it back. */
function gatedStore(store: SyncStore, call: Call): SyncStore {
  return {
    entity: (...a) => call('entity', () => store.entity(...a)),
    glimpse: (...a) => call('glimpse', () => store.glimpse(...a)),
    quarantinedLogins: (...a) => call('quarantinedLogins', () => store.quarantinedLogins(...a)),
    quarantinedForRetry: (...a) => call('quarantinedForRetry', () => store.quarantinedForRetry(...a)),
    load: (...a) => call('load', () => store.load(...a)),
    transaction: (work) => call('transaction', () => store.transaction(work)),
    clearWake: (...a) => call('clearWake', () => store.clearWake(...a)),
    leaseDirty: (...a) => call('leaseDirty', () => store.leaseDirty(...a)),
    lease: (...a) => call('lease', () => store.lease(...a)),
    releaseLease: (...a) => call('releaseLease', () => store.releaseLease(...a)),
    renewLease: (...a) => call('renewLease', () => store.renewLease(...a)),
    saveIntent: (...a) => call('saveIntent', () => store.saveIntent(...a)),
    countDirty: (...a) => call('countDirty', () => store.countDirty(...a)),
    hash: (...a) => call('hash', () => store.hash(...a)),
  };
}

function gatedConcur(context: PortContext, run: Run, call: Call): EngineDeps['concur'] {
  const { concur, sandbox } = context.world;
  /** When this run read a profile last: uuid → edits there were by then. */
  const readAt = new Map<string, number>();
  return {
    listSummaries: (query) =>
      call(`list ${query.page}`, () =>
        concur.listSummaries({ ...query, itemsPerPage: Math.min(query.itemsPerPage, context.pageSize) }),
      ),
    readProfile: (id) =>
      call(`read ${id.type}`, async () => {
        const edits = context.ledger.edits.length;
        const uuid = sandbox.admin.profile(id.value)?.uuid;
        const read = await concur.readProfile(id);
        if (uuid !== undefined && read !== undefined) readAt.set(uuid, edits);
        return read;
      }),
    writeProfile: (write) =>
      call(`write ${write.action} ${Object.keys(write.sections).join(' ')}`, async () => {
        const before = sandbox.admin.profile(write.loginId);
        const person = before === undefined ? undefined : context.personOf(before.uuid);
        if (write.action === 'Update' && before !== undefined && !readAt.has(before.uuid)) context.crossed();
        try {
          return await concur.writeProfile(write);
        } finally {
          const after = sandbox.admin.profile(write.loginId);
          const made = before === undefined && after !== undefined ? context.personOf(after.uuid) : undefined;
          if (made !== undefined) noteWrite(context, run, write, made, 0);
          if (before !== undefined && person !== undefined && after?.sequence !== before.sequence) {
            noteWrite(context, run, write, person, readAt.get(before.uuid) ?? 0);
          }
        }
      }),
  };
}

/**
 * What a write holds must be there because somebody edited it in the hub. Edits in Concur that were made to the
 * same after our read are those that may be lost (docs/architecture.md, "The limit").
 */
function noteWrite(
  context: PortContext,
  run: Run,
  write: ProfileWrite,
  person: number,
  readAt: number,
): void {
  const edits = context.ledger.edits.filter((edit) => edit.person === person);
  for (const unit of new Set(ELEMENTS.map((element) => element.unit))) {
    const sent = valueAt(write.sections, unit.split('.'));
    if (sent === undefined) continue;
    const ofUnit = edits.filter((edit) => unitOf(edit.element) === unit);
    const byHub = ofUnit.filter((edit) => edit.side === 'hub');
    for (const edit of byHub) {
      edit.sentAt ??= context.ledger.edits.length;
      edit.unanswered = true;
      run.wrote.push(edit);
    }
    if (byHub.length === 0)
      context.complaints.push(`sent-unasked: ${unit}, which nobody had edited in the hub`);
    if (sent === null && !byHub.some((edit) => edit.value === undefined)) {
      context.complaints.push(`empty-sent: ${unit}, which nobody had cleared in the hub`);
      continue;
    }
    for (const edit of ofUnit) if (edit.side === 'concur' && edit.index >= readAt) edit.exposed = true;
  }
  // The status goes with each write (docs/decisions/0009).
  for (const edit of edits) {
    if (edit.element === STATUS && edit.side === 'concur' && edit.index >= readAt) edit.exposed = true;
  }
}
