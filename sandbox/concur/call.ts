import { encodeError } from '../../concur/xml';
import { type Behaviour } from './behaviour';
import { concurTime } from './clock';
import { type Company } from './company';
import { type ViolationKind } from './observe';
import { type DataCentre, type FunctionName, type SandboxRequest } from './types';
import { type World } from './world';

/** One call on its way through the simulator. */
export interface Call {
  readonly function: FunctionName;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Absent at the global entry. */
  readonly dataCentre?: DataCentre;
  /** Of the answer. */
  readonly correlationId: string;
  readonly clientCorrelationId?: string;
  /** Whose token or company UUID came with the call, whether or not it is valid. */
  readonly company?: Company;
  /** Login of the profile that is read or written. */
  readonly login?: string;
}

/** One item of an answer: code, text, field (docs/concur.md §3, outcome codes). */
export interface OutcomeMessage {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly correlationId?: string;
}

/** What a function answers; the headers that every answer has are added later. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Codes of a write's answer, for the counters. */
  readonly codes?: readonly string[];
}

export function lowerCaseNames(headers: SandboxRequest['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

export function xmlReply(status: number, body: string, codes?: readonly string[]): Reply {
  return {
    status,
    contentType: 'application/xml; charset=utf-8',
    body,
    ...(codes === undefined ? {} : { codes }),
  };
}

export function jsonReply(status: number, value: unknown): Reply {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}

/** Concur's `Error` document (docs/concur.md §2). */
export function errorReply(world: World, status: number, message: string | readonly OutcomeMessage[]): Reply {
  const serverTime = concurTime(world.clock.shown().getTime());
  const body = encodeError({ message, serverTime, id: world.random.uuid().toUpperCase() });
  const codes = typeof message === 'string' ? [] : message.map(({ code }) => code);
  return xmlReply(status, body, codes);
}

/** The fields that every note about a call has. */
export function happening(
  world: World,
  call: Call,
): {
  readonly at: string;
  readonly function: FunctionName;
  readonly correlationId: string;
  readonly clientCorrelationId?: string;
  readonly companyUuid?: string;
} {
  return {
    at: new Date(world.clock.now()).toISOString(),
    function: call.function,
    correlationId: call.correlationId,
    ...(call.clientCorrelationId === undefined ? {} : { clientCorrelationId: call.clientCorrelationId }),
    ...(call.company === undefined ? {} : { companyUuid: call.company.companyUuid }),
  };
}

export function noteViolation(world: World, call: Call, kind: ViolationKind, detail: string): void {
  const violation = { ...happening(world, call), kind, detail };
  world.seen.violation(violation);
  world.log.warn({ simulation: true, ...violation }, 'simulation: a careful client would not do this');
}

export function behaviourFor(world: World, call: Call): Behaviour {
  return world.behaviour(call.company);
}
