import { type ConcurSandbox, type ScriptAction } from '../../../sandbox';
import { type Action, type Fault } from './history';

const ACTIONS: Readonly<Record<Fault, ScriptAction>> = {
  http500: { kind: 'respond', status: 500, headers: {}, when: 'before' },
  http503: { kind: 'respond', status: 503, headers: {}, when: 'before' },
  http429: { kind: 'respond', status: 429, headers: { 'retry-after': '2' }, when: 'before' },
  'reset-before': { kind: 'reset', when: 'before' },
  'reset-after': { kind: 'reset', when: 'after' },
  truncate: { kind: 'truncate' },
  garbage: {
    kind: 'respond',
    status: 200,
    body: '<ProfileResponse LoginId="some',
    headers: { 'content-type': 'application/xml' },
    when: 'after',
  },
  refused: { kind: 'code', code: 'E002', field: 'General/FirstName', when: 'before' },
};

/** Arms a fault for one of the next calls. */
export function arm(
  sandbox: ConcurSandbox,
  { call, nth, times, fault }: Extract<Action, { kind: 'fault' }>,
): void {
  // Only a write is refused with a code; a list or a read that is cut off inside stands for it elsewhere.
  const meant = fault === 'refused' && call !== 'profile-write' ? 'garbage' : fault;
  sandbox.admin.addScript([{ function: call, nth, times, action: ACTIONS[meant] }]);
}
