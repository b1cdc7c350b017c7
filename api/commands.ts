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

/** Hands commands to workflows: stored first, then delivered; what cannot be delivered now is pending. */
export interface Commands {
  /**
   * @param id of the row and of the Update; the same id again does nothing new
   * @throws Problem 409 with the workflow's code when it refuses
   */
  send(entityId: string, request: WorkflowRequest, id?: string): Promise<Accepted>;
  /** Several in order: once one is pending the rest is stored too, and delivered by the sweep after it. */
  sendAll(entityId: string, requests: readonly WorkflowRequest[]): Promise<Accepted>;
}

interface CommandDeps {
  readonly store: HubStore;
  readonly engine: WorkflowEngine;
  readonly clock: { now(): Date };
  readonly ids: { next(): string };
  readonly log: FastifyBaseLogger;
}

export function createCommands(deps: CommandDeps): Commands {
  const send: Commands['send'] = async (entityId, request, id = deps.ids.next()) => {
    await storeRequest(deps, entityId, request, id);
    return settle(deps, id, await deliver(deps, entityId, request, id));
  };
  return {
    send,
    async sendAll(entityId, requests) {
      let last: Accepted | undefined;
      for (const request of requests) {
        if (last?.pending === true) {
          const id = deps.ids.next();
          await storeRequest(deps, entityId, request, id);
          last = { requestId: id, pending: true };
        } else {
          last = await send(entityId, request);
        }
      }
      if (last === undefined) throw new Error('there is no command to send');
      return last;
    },
  };
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

async function settle({ store, clock }: CommandDeps, id: string, delivery: Delivery): Promise<Accepted> {
  switch (delivery.status) {
    case 'delivered':
      await store.requests.markDelivered(id, { now: clock.now() });
      return { requestId: id, pending: false };
    case 'pending':
      await store.requests.markFailed(id, delivery.message);
      return { requestId: id, pending: true };
    case 'refused':
      // Refused for good: the sweep must not try again.
      await store.requests.markDelivered(id, { now: clock.now() });
      throw new Problem(409, delivery.code, delivery.message);
  }
}
