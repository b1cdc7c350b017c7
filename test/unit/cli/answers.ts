/** Answers of the API, as few words as the tests need. */

export function anEntity(changed: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: 'acme',
    name: 'Acme & Söhne AG',
    companyUuid: '8f1c2d3e-0000-4000-8000-000000000001',
    travelConfigId: '1000',
    ids: { outtaskId: 'p001', siteId: 's-1', vendorSiteIds: ['v-1', 'v-2'] },
    strategy: 'publish',
    conflictRule: 'hub-wins',
    stage: 'active',
    health: 'ok',
    waitingFor: 'Nobody: both directions run.',
    requestTokenExpiresAt: null,
    refreshTokenExpiresAt: '2027-02-01T00:00:00.000Z',
    lastPoll: null,
    nextPollAt: null,
    counts: someCounts(),
    ...changed,
  };
}

export function someCounts(changed: Readonly<Record<string, number>> = {}): Record<string, number> {
  const zeros = { synced: 200, pending: 0, quarantined: 0, held: 0, inactive: 0, conflicts: 0 };
  return { travellers: 200, ...zeros, ...changed };
}

export const DIGEST = 'b05355daa7b1680f';

export function aMigration(
  changed: Readonly<Record<string, unknown>> = {},
  counts: Readonly<Record<string, number>> = {},
): Record<string, unknown> {
  return {
    number: 1,
    strategy: 'publish',
    state: 'awaiting-approval',
    digest: DIGEST,
    counts: {
      ...{ create: 3, update: 0, bind: 0, unchanged: 0, refused: 0 },
      ...{ done: 0, quarantined: 0, needsApproval: 0, skipped: 0 },
      ...counts,
    },
    plannedAt: '2026-08-01T00:00:00.000Z',
    approvedAt: null,
    completedAt: null,
    report: null,
    error: null,
    ...changed,
  };
}

export const ALL_EQUAL = {
  verified: 3,
  equal: 3,
  differs: [],
  missing: [],
  unverified: [],
  notRemovable: 0,
  warnings: 1,
};

export const REPORT = {
  ...ALL_EQUAL,
  equal: 2,
  differs: [{ travellerId: 't-2', fields: ['General/RuleClass'] }],
};

export function aRecord(changed: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: 'q-1',
    entityId: 'acme',
    travellerId: 't-2',
    direction: 'publish',
    code: 'E002',
    field: 'General/FirstName',
    reason: 'is required',
    correlationId: 'c-1',
    firstAt: '2026-08-01T00:00:00.000Z',
    lastAt: '2026-08-01T00:00:00.000Z',
    attempts: 1,
    resolvedAt: null,
    ...changed,
  };
}

/** One that found a difference. */
export function aReconciliation(changed: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    ...{ number: 2, state: 'completed', origin: 'request', repair: false },
    ...{ travellers: 3, compared: 3, listed: 3, withoutLogin: 0 },
    counts: {
      ...{ equal: 2, differs: 1, onlyHere: 0, onlyThere: 0, held: 0 },
      ...{ quarantined: 0, notRemovable: 0, pending: 0, unread: 0 },
    },
    inStep: false,
    repaired: 0,
    error: null,
    createdAt: '2026-08-01T00:00:00.000Z',
    startedAt: '2026-08-01T00:00:00.000Z',
    finishedAt: null,
    ...changed,
  };
}

export const A_DIFFERENCE = {
  ...{ key: 't-t-2', travellerId: 't-2', concurLoginId: null, outcome: 'differs' },
  ...{ fields: ['General/JobTitle'], code: null, reason: null, repairedAt: null },
};

export const page = (...items: unknown[]) => ({ body: { items, nextCursor: null } });
export const accepted = { status: 202, body: { requestId: 'r-1', pending: false } };
