/** Scopes an application for travel profiles has, and what an entity without them lacks (docs/concur.md §1). */
export const SCOPES: Readonly<Record<string, string>> = {
  openid: 'sign-in',
  'user.read': 'users',
  'company.read': 'the company',
  user_read: 'users',
  FOP: 'cards',
  GHOST: 'company (ghost) cards',
  TRVPRF: 'travel profiles: without it nothing works',
  PASSV: 'passports and visas',
  EMERG: 'emergency contacts',
  TSAI: 'TSA data',
  TMCSP: 'GDS profile name, Sabre id and UUID',
  MEDIC: 'medical alerts',
  UNUTX: 'unused tickets',
  USER: 'users',
  NOTIF: 'notifications',
  COMPD: 'company details and custom fields',
  COMPANY: 'the company',
};

/** A scope that was not granted, and what that costs in words. */
export interface ScopeLoss {
  readonly scope: string;
  readonly loss: string;
}

/** Scopes of the application that a grant lacks, in the order of the table. */
export function missingScopes(granted: readonly string[]): string[] {
  return scopeLosses(granted).map(({ scope }) => scope);
}

/** The same with what each costs. */
export function scopeLosses(granted: readonly string[]): ScopeLoss[] {
  return Object.entries(SCOPES)
    .filter(([scope]) => !granted.includes(scope))
    .map(([scope, loss]) => ({ scope, loss }));
}
