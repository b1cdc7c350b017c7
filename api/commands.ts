import { type FastifyBaseLogger } from 'fastify';
import { type Delivery, type WorkflowEngine, type WorkflowRequest } from '../client/requests';
import { type HubStore } from '../hub';
import { describeFailure } from './failure-log';
import { Problem } from './problem';
import { type AcceptedJson } from './schemas/common';
import { TOO_LATE, within } from './within';

/** A little more than the engine's own limit, so that its words win. */
const DELIVERY_LIMIT_MS = 7_000;

export interface Accepted extends AcceptedJson {
  readonly requestId: string;
}

/** A command under an id of the caller's; without one an id is made. */
export interface Command {
  readonly request: WorkflowRequest;
  readonly id?: string;
}

/** Hands commands to workflows: stored first, then delivered; what cannot be delivered now is pending. */
export interface Commands {
  /** @throws Problem 409 with the workflow's code when it refuses */
  send(entityId: string, request: WorkflowRequest): Promise<Accepted>;
  /**
   * Several in order; the answer is that of the last. All are stored before the first is delivered, so that
   * a crash in between loses none, and once one is pending the rest waits for the sweep too.
   * @param projected what the caller shall see meanwhile; done after storing and before delivering, so that
   *   it cannot overwrite what the workflow projects
   */
  sendAll(
    entityId: string,
    commands: readonly Command[],
    projected?: () => Promise<unknown>,
  ): Promise<Accepted>;
}

interface CommandDeps {
  readonly store: HubStore;
  readonly engine: WorkflowEngine;
  readonly clock: { now(): Date };
  readonly ids: { next(): string };
  readonly log: FastifyBaseLogger;
}

export function createCommands(deps: CommandDeps): Commands {
  const sendAll: Commands['sendAll'] = async (entityId, commands, projected) => {
    const stored = commands.map(({ request, id }) => ({ request, id: id ?? deps.ids.next() }));
    for (const { request, id } of stored) await storeRequest(deps, entityId, request, id);
    await projected?.();
    let answer: Accepted | undefined;
    for (const [index, { request, id }] of stored.entries()) {
      const delivery = await deliver(deps, entityId, request, id);
      if (delivery.status === 'refused') {
        // Refused for good, and the rest made sense only after it: the sweep must not try them.
        const refusal = { code: delivery.code, reason: delivery.message };
        for (const rest of stored.slice(index))
          await deps.store.requests.markRefused(rest.id, refusal, { now: deps.clock.now() });
        throw new Problem(409, delivery.code, delivery.message);
      }
      answer = await noted(deps, id, delivery);
      if (answer.pending) break;
    }
    const last = stored.at(-1);
    if (answer === undefined || last === undefined) throw new Error('there is no command to send');
    return { requestId: last.id, pending: answer.pending };
  };
  return { sendAll, send: (entityId, request) => sendAll(entityId, [{ request }]) };
}

async function storeRequest(
  { store, clock }: CommandDeps,
  entityId: string,
  { kind, ...payload }: WorkflowRequest,
  id: string,
): Promise<void> {
  await store.requests.create({ id, entityId, kind, payload }, { now: clock.now() });
}

/** The engine does not throw for an outage; should it, or hang, the sweep still delivers later. */
async function deliver(
  { engine, log }: CommandDeps,
  entityId: string,
  request: WorkflowRequest,
  id: string,
): Promise<Delivery> {
  try {
    const delivery = await within(DELIVERY_LIMIT_MS, engine.deliver({ id, entityId, request }));
    if (delivery !== TOO_LATE) return delivery;
    return { status: 'pending', message: 'Temporal did not answer in time.' };
  } catch (error) {
    log.error({ entityId, request: id, ...describeFailure(error) }, 'delivering a command failed');
    return { status: 'pending', message: 'The command could not be delivered.' };
  }
}

async function noted(
  deps: CommandDeps,
  id: string,
  delivery: Exclude<Delivery, { status: 'refused' }>,
): Promise<Accepted> {
  if (delivery.status === 'pending') {
    await deps.store.requests.markFailed(id, delivery.message);
    return { requestId: id, pending: true };
  }
  await deps.store.requests.markDelivered(id, { now: deps.clock.now() });
  return { requestId: id, pending: false };
}
