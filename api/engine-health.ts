import { type FastifyBaseLogger } from 'fastify';
import { type WorkflowEngine } from '../client/requests';
import { describeFailure } from './failure-log';
import { TOO_LATE, within } from './within';

export interface EngineHealth {
  readonly temporal: boolean;
  readonly worker: boolean;
}

const HEALTH_LIMIT_MS = 2_000;
/** Probes come every few seconds from several sides, without a key: one question answers them all. */
const HEALTH_AGE_MS = 1_000;
const AWAY: EngineHealth = { temporal: false, worker: false };

/** Asks the engine at most once a second; an engine that does not answer counts as away. */
export function createEngineHealth(
  engine: WorkflowEngine,
  clock: { now(): Date },
  log: FastifyBaseLogger,
): () => Promise<EngineHealth> {
  let last: { readonly at: number; readonly answer: Promise<EngineHealth> } | undefined;
  const ask = async (): Promise<EngineHealth> => {
    try {
      const answer = await within(HEALTH_LIMIT_MS, engine.health());
      return answer === TOO_LATE ? AWAY : answer;
    } catch (error) {
      log.warn(describeFailure(error), 'asking Temporal for its health failed');
      return AWAY;
    }
  };
  return () => {
    const now = clock.now().getTime();
    if (last === undefined || now - last.at >= HEALTH_AGE_MS) last = { at: now, answer: ask() };
    return last.answer;
  };
}
