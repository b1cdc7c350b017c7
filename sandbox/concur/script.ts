import { z } from 'zod';
import { FUNCTION_NAMES, type FunctionName } from './types';

const when = z.enum(['before', 'after']).default('before').describe('the call is processed');

export const scriptActionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('respond'),
    status: z.number().int().min(200).max(599),
    body: z.string().optional(),
    headers: z.record(z.string(), z.string()).default({}),
    when: when.describe('after: the call takes effect, but this is what is answered'),
  }),
  z.strictObject({
    kind: z.literal('code'),
    code: z
      .union([z.number().int(), z.string().regex(/^[A-Z]{1,12}\d{0,4}$/)])
      .describe('a number at the token endpoint, S001, E…, W…, UNKNOWN or EC… elsewhere'),
    field: z.string().optional(),
    message: z.string().optional(),
    geolocation: z.string().optional().describe('beside code 16'),
    when: when.describe('after: what is written stays, which is what a W-code means'),
  }),
  z.strictObject({
    kind: z.literal('error'),
    message: z.string().min(1).describe('what Concur says in words only'),
    status: z.number().int().min(400).max(599).default(400),
  }),
  z.strictObject({ kind: z.literal('reset'), when }),
  z.strictObject({ kind: z.literal('truncate') }),
  z.strictObject({ kind: z.literal('slow'), ms: z.number().int().nonnegative(), when }),
  z.strictObject({
    kind: z.literal('edit'),
    login: z.string().min(1),
    patch: z.record(z.string(), z.unknown()).describe('as PATCH /_admin/profiles'),
    when,
  }),
  z.strictObject({
    kind: z.literal('revoke'),
    companyUuid: z.string().min(1),
    what: z.enum(['request', 'access', 'refresh', 'all']),
  }),
  z.strictObject({ kind: z.literal('advance-clock'), ms: z.number().int(), when }),
]);

/** What happens to a call that fits; rules are tried in their order. */
export const scriptRuleSchema = z.strictObject({
  function: z.enum([...FUNCTION_NAMES, '*']).default('*'),
  login: z.string().optional().describe('login of the profile that is read or written, in any case'),
  companyUuid: z.string().optional(),
  nth: z
    .number()
    .int()
    .positive()
    .default(1)
    .describe('from which fitting call on, counted since the rule was set'),
  times: z
    .union([z.number().int().positive(), z.literal('always')])
    .default(1)
    .describe('for how many fitting calls'),
  action: scriptActionSchema,
});

export type ScriptRuleInput = z.input<typeof scriptRuleSchema>;
export type ScriptRule = Readonly<z.output<typeof scriptRuleSchema>>;
export type ScriptAction = ScriptRule['action'];

export interface ScriptedCall {
  readonly function: FunctionName;
  readonly login?: string;
  readonly companyUuid?: string;
}

/** Actions that answer the call; of these only the first one counts. */
export type EndingAction = Extract<
  ScriptAction,
  { kind: 'respond' | 'code' | 'error' | 'reset' | 'truncate' }
>;

export function isEnding(action: ScriptAction): action is EndingAction {
  return ['respond', 'code', 'error', 'reset', 'truncate'].includes(action.kind);
}

interface Entry {
  readonly rule: ScriptRule;
  fitting: number;
  used: number;
}

/** An ordered list of rules: what shall happen to which call. */
export class Script {
  private entries: Entry[] = [];

  add(rules: readonly ScriptRule[]): void {
    this.entries.push(...rules.map((rule) => ({ rule, fitting: 0, used: 0 })));
  }

  clear(): void {
    this.entries = [];
  }

  get rules(): readonly (ScriptRule & { readonly fitting: number; readonly used: number })[] {
    return this.entries.map(({ rule, fitting, used }) => ({ ...rule, fitting, used }));
  }

  /** What happens to this call, in the order of the rules. */
  actionsFor(call: ScriptedCall): readonly ScriptAction[] {
    const actions: ScriptAction[] = [];
    for (const entry of this.entries) {
      if (!fits(entry.rule, call)) continue;
      entry.fitting += 1;
      const { nth, times, action } = entry.rule;
      if (entry.fitting < nth || (times !== 'always' && entry.used >= times)) continue;
      if (isEnding(action) && actions.some(isEnding)) continue;
      entry.used += 1;
      actions.push(action);
    }
    return actions;
  }
}

function fits(rule: ScriptRule, call: ScriptedCall): boolean {
  if (rule.function !== '*' && rule.function !== call.function) return false;
  if (rule.login !== undefined && rule.login.toLowerCase() !== call.login?.toLowerCase()) return false;
  return rule.companyUuid === undefined || rule.companyUuid.toLowerCase() === call.companyUuid?.toLowerCase();
}
