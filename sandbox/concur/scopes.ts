import { type Tree } from './types';
import { treeAt, withField } from './tree';
import { type Change, type Changes, isChanges } from './write-document';

/** What is not shown or taken without a scope (docs/concur.md §1). */
const SCOPED: readonly {
  readonly scope: string;
  readonly section: string;
  readonly fields?: readonly string[];
}[] = [
  { scope: 'PASSV', section: 'passports' },
  { scope: 'PASSV', section: 'visas' },
  { scope: 'EMERG', section: 'emergencyContact' },
  { scope: 'TSAI', section: 'tsaInfo' },
  { scope: 'UNUTX', section: 'unusedTickets' },
  { scope: 'COMPD', section: 'customFields' },
  { scope: 'COMPD', section: 'general', fields: ['companyName', 'companyId'] },
  { scope: 'TMCSP', section: 'general', fields: ['gdsProfileName', 'sabreProfileId', 'uuid'] },
  { scope: 'MEDIC', section: 'general', fields: ['medicalAlerts'] },
];

/** The sections without what the scopes do not cover. */
export function withinScopes(sections: Tree, scopes: readonly string[]): Tree {
  let shown = sections;
  for (const { scope, section, fields } of SCOPED) {
    if (scopes.includes(scope) || shown[section] === undefined) continue;
    if (fields === undefined) shown = withField(shown, section, undefined);
    else {
      const group = fields.reduce((tree, field) => withField(tree, field, undefined), treeAt(shown, section));
      shown = withField(shown, section, group);
    }
  }
  return shown;
}

/** Splits a write into what the scopes cover and the names of what they do not, e.g. `general.medicalAlerts`. */
export function splitByScopes(
  changes: Changes,
  scopes: readonly string[],
): { readonly covered: Changes; readonly outside: readonly string[] } {
  const covered: Record<string, Change> = { ...changes };
  const outside: string[] = [];
  for (const { scope, section, fields } of SCOPED) {
    const change = covered[section];
    if (scopes.includes(scope) || change === undefined) continue;
    if (fields === undefined) {
      delete covered[section];
      outside.push(section);
    } else if (isChanges(change)) {
      const hit = fields.filter((field) => change[field] !== undefined);
      covered[section] = Object.fromEntries(Object.entries(change).filter(([field]) => !hit.includes(field)));
      outside.push(...hit.map((field) => `${section}.${field}`));
    }
  }
  return { covered, outside };
}
