import {
  type ConcurSandbox,
  type ConcurSandboxOptions,
  createConcurSandbox,
  SANDBOX_CLIENT,
} from './concur/sandbox';

export { RESETTABLE, type ClockChange, type Resettable, SandboxAdmin } from './concur/admin';
export { type Behaviour, type BehaviourOverrides, DEFAULT_BEHAVIOUR } from './concur/behaviour';
export { ALL_SCOPES, type Company, type CompanyInput, DEFAULT_RULE_CLASS } from './concur/company';
export { type FaultKind, type FaultRates, type FaultSettings } from './concur/faults';
export {
  type CallRecord,
  type Clear,
  type Counters,
  SANDBOX_NEWS,
  type SandboxNews,
  type Violation,
  type ViolationKind,
} from './concur/observe';
export { type TokenRequests } from './concur/token-traffic';
export { AdminError, type ProfilePatch, type ProfileSeed } from './concur/people';
export {
  type ConcurSandbox,
  type ConcurSandboxOptions,
  createConcurSandbox,
  DATA_CENTRES,
  GLOBAL_ORIGIN,
  type Listening,
  type ListenOptions,
  SANDBOX_CLIENT,
} from './concur/sandbox';
export { type ScriptAction, type ScriptRule, type ScriptRuleInput } from './concur/script';
export {
  ConnectionReset,
  type DataCentre,
  type FunctionName,
  isConnectionReset,
  type SandboxLog,
  type SandboxRequest,
  type SandboxResponse,
  type Sleep,
  type StoredProfile,
  type Tree,
} from './concur/types';
export { type ClientApplication } from './concur/world';

export interface StartSandboxOptions extends Omit<ConcurSandboxOptions, 'now' | 'sleep'> {
  /** 0 or absent: a free one, or the one of the last time. */
  readonly port?: number;
  /** Of the second data centre. */
  readonly port2?: number;
}

export interface RunningSandbox {
  readonly sandbox: ConcurSandbox;
  readonly port: number;
  readonly port2: number;
  /** Where request tokens are exchanged (`CONCUR_AUTH_URL`). */
  readonly authUrl: string;
  /** What `CONCUR_ALLOWED_ORIGINS` must hold. */
  readonly origins: readonly string[];
  readonly clientId: string;
  readonly clientSecret: string;
  /** The page that says that this is a simulation. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Runs the simulated Concur as a server on 127.0.0.1.
 * @throws Error with code EADDRINUSE where a port that was asked for is taken
 */
export async function startSandbox(options: StartSandboxOptions = {}): Promise<RunningSandbox> {
  const { port, port2, ...rest } = options;
  const sandbox = createConcurSandbox(rest);
  const { ports, origins } = await sandbox.listen({
    ...(port === undefined ? {} : { port }),
    ...(port2 === undefined ? {} : { port2 }),
  });
  const [first = 0, second = 0] = ports;
  const [authUrl = ''] = origins;
  const client = options.clients?.[0] ?? SANDBOX_CLIENT;
  return {
    sandbox,
    port: first,
    port2: second,
    authUrl,
    origins,
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    url: `${authUrl}/`,
    stop: () => sandbox.close(),
  };
}
