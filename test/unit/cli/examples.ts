import {
  A_DIFFERENCE,
  ALL_EQUAL,
  aMigration,
  anEntity,
  aReconciliation,
  aRecord,
  accepted,
  DIGEST,
  page,
  REPORT,
} from './answers';
import { type Routes } from './harness';

const ONE = aMigration({ state: 'completed', report: ALL_EQUAL }, { done: 3 });
const AN_AGENCY = { id: 'default', name: 'Example Travel', interfaceOn: true, pollingOn: true };
const ITEM = { travellerId: 't-1', action: 'create', xml: '<ProfileResponse/>' };

export interface Example {
  readonly args: readonly string[];
  readonly routes: Routes;
  readonly stdin?: string;
  readonly code?: number;
}

/** Every command that speaks to the API, with the answers it needs. */
export const EXAMPLES: readonly Example[] = [
  {
    args: ['entity', 'add', 'acme', '--name', 'Acme', '--company-uuid', '8f', '--travel-config', '1000'],
    routes: { 'POST /v1/entities': { status: 201, body: anEntity() } },
  },
  { args: ['entity', 'list'], routes: { 'GET /v1/entities': page(anEntity()) } },
  { args: ['entity', 'show', 'acme'], routes: { 'GET /v1/entities/acme': { body: anEntity() } } },
  {
    args: ['entity', 'set', 'acme', 'name=Other'],
    routes: { 'PATCH /v1/entities/acme': { body: anEntity() } },
  },
  {
    args: ['entity', 'pause', 'acme'],
    routes: {
      'POST /v1/entities/acme/pause': accepted,
      'GET /v1/entities/acme': [{ body: anEntity() }, { body: anEntity({ stage: 'paused' }) }],
    },
  },
  {
    args: ['entity', 'resume', 'acme'],
    routes: { 'POST /v1/entities/acme/resume': accepted, 'GET /v1/entities/acme': { body: anEntity() } },
  },
  {
    args: ['entity', 'offboard', 'acme', '--erase'],
    routes: {
      'POST /v1/entities/acme/offboard': accepted,
      'GET /v1/entities/acme': [
        { body: anEntity({ stage: 'offboarding' }) },
        { body: anEntity({ stage: 'offboarded' }) },
      ],
    },
  },
  {
    args: ['agency', 'show'],
    routes: { 'GET /v1/agencies/default': { body: AN_AGENCY } },
  },
  {
    args: ['agency', 'set', 'pollingOn=off'],
    routes: { 'PATCH /v1/agencies/default': { body: { ...AN_AGENCY, pollingOn: false } } },
  },
  { args: ['entity', 'case', 'acme'], routes: { 'GET /v1/entities/acme': { body: anEntity() } } },
  {
    args: ['token', 'expect', 'acme'],
    routes: {
      'POST /v1/entities/acme/request-token/window': {
        status: 202,
        body: { requestId: 'r', pending: false, requestTokenExpiresAt: '2026-08-01T12:00:00.000Z' },
      },
    },
  },
  {
    args: ['token', 'submit', 'acme'],
    stdin: 'secret-token\n',
    routes: {
      'POST /v1/entities/acme/request-token': accepted,
      'GET /v1/events': page(),
      'GET /v1/entities/acme': [
        { body: anEntity({ stage: 'exchanging' }) },
        { body: anEntity({ stage: 'migrating' }) },
      ],
    },
  },
  {
    args: ['migration', 'plan', 'acme', '--strategy', 'publish'],
    routes: {
      'POST /v1/entities/acme/migrations': {
        status: 201,
        body: { number: 1, requestId: 'r', pending: false },
      },
      'GET /v1/entities/acme/migrations/1': [
        { body: aMigration({ state: 'planning' }) },
        { body: aMigration() },
      ],
    },
  },
  { args: ['migration', 'show', 'acme'], routes: { 'GET /v1/entities/acme/migrations': page(ONE) } },
  {
    args: ['migration', 'approve', 'acme', '1', '--digest', DIGEST],
    routes: {
      'POST /v1/entities/acme/migrations/1/approve': accepted,
      'GET /v1/entities/acme/migrations/1': [
        { body: aMigration() },
        { body: aMigration({ state: 'executing' }, { done: 1 }) },
        { body: aMigration({ state: 'verifying' }, { done: 3 }) },
        { body: ONE },
      ],
    },
  },
  {
    args: ['migration', 'reject', 'acme', '1'],
    routes: {
      'POST /v1/entities/acme/migrations/1/reject': accepted,
      'GET /v1/entities/acme/migrations/1': [
        { body: aMigration() },
        { body: aMigration({ state: 'rejected' }) },
      ],
    },
  },
  {
    args: ['migration', 'cancel', 'acme', '1'],
    routes: {
      'POST /v1/entities/acme/migrations/1/cancel': accepted,
      'GET /v1/entities/acme/migrations/1': [
        { body: aMigration() },
        { body: aMigration({ state: 'cancelled' }) },
      ],
    },
  },
  {
    args: ['migration', 'items', 'acme', '1', '--attention'],
    routes: {
      'GET /v1/entities/acme/migrations/1': { body: ONE },
      'GET /v1/entities/acme/migrations/1/items': page(ITEM, {
        ...ITEM,
        withheld: [{ field: 'General/CostCenter', code: 'W002', reason: 'is longer than 25 characters' }],
      }),
    },
  },
  {
    args: ['migration', 'xml', 'acme', '1', 't-1'],
    routes: { 'GET /v1/entities/acme/migrations/1/items/t-1': { body: ITEM } },
  },
  {
    args: ['migration', 'report', 'acme', '1'],
    code: 3,
    routes: { 'GET /v1/entities/acme/migrations/1': { body: { ...ONE, report: REPORT } } },
  },
  {
    args: ['traveller', 'show', 'acme', 't-1'],
    routes: {
      'GET /v1/entities/acme/travellers/t-1': {
        body: {
          id: 't-1',
          username: 'a@example.test',
          general: { lastName: '田中' },
          sync: { state: 'synced', warnings: [] },
        },
      },
    },
  },
  {
    args: ['sync', 'poll', 'acme'],
    routes: {
      'POST /v1/entities/acme/poll': accepted,
      'GET /v1/entities/acme': [
        { body: anEntity() },
        {
          body: anEntity({
            lastPoll: { requestId: 'r-1', startedAt: '2026-08-01T00:00:00Z', finishedAt: null },
          }),
        },
        {
          body: anEntity({
            lastPoll: {
              requestId: 'r-1',
              startedAt: '2026-08-01T00:00:00Z',
              finishedAt: '2026-08-01T00:00:01Z',
              seen: 4,
              changed: 1,
              quarantined: 0,
            },
          }),
        },
      ],
    },
  },
  {
    args: ['sync', 'publish', 'acme'],
    routes: { 'POST /v1/entities/acme/publish': accepted, 'GET /v1/entities/acme': { body: anEntity() } },
  },
  {
    args: ['reconcile', 'acme'],
    code: 3,
    routes: {
      'POST /v1/entities/acme/reconcile': {
        status: 202,
        body: { requestId: 'r-1', pending: false, number: 2 },
      },
      'GET /v1/entities/acme/reconciliations/2': [
        { body: aReconciliation({ state: 'running', compared: 1, listed: 0, inStep: null }) },
        { body: aReconciliation() },
      ],
      'GET /v1/entities/acme/reconciliations/2/items': page(A_DIFFERENCE),
    },
  },
  {
    args: ['reconciliation', 'list', 'acme'],
    routes: { 'GET /v1/entities/acme/reconciliations': page(aReconciliation()) },
  },
  {
    args: ['reconciliation', 'show', 'acme'],
    code: 3,
    routes: {
      'GET /v1/entities/acme/reconciliations': page(aReconciliation()),
      'GET /v1/entities/acme/reconciliations/2/items': page(A_DIFFERENCE),
    },
  },
  { args: ['quarantine', 'list'], routes: { 'GET /v1/quarantine': page(aRecord()) } },
  {
    args: ['quarantine', 'show', 'q-1'],
    routes: { 'GET /v1/quarantine/q-1': { body: { ...aRecord(), message: 'FirstName is required' } } },
  },
  {
    args: ['quarantine', 'retry', '--entity', 'acme', '--code', 'W003'],
    routes: {
      'POST /v1/quarantine/retry': { status: 202, body: { requestId: 'r', pending: false, retried: 2 } },
    },
  },
  {
    args: ['quarantine', 'retry', 'q-1'],
    routes: {
      'POST /v1/quarantine/q-1/retry': accepted,
      'GET /v1/quarantine/q-1': [
        { body: aRecord() },
        { body: aRecord({ resolvedAt: '2026-08-01T00:00:02Z' }) },
      ],
    },
  },
  { args: ['quarantine', 'dismiss', 'q-1'], routes: { 'POST /v1/quarantine/q-1/dismiss': accepted } },
  {
    args: ['conflicts', 'list'],
    routes: {
      'GET /v1/conflicts': page({
        ...{ id: 'c-1', entityId: 'acme', travellerId: 't-1', section: 'general', winner: 'hub' },
        ...{ at: '2026-08-01T00:00:00Z', restoredAt: null },
      }),
    },
  },
  { args: ['conflicts', 'restore', 'c-1'], routes: { 'POST /v1/conflicts/c-1/restore': accepted } },
  {
    args: ['events', 'list'],
    routes: {
      'GET /v1/events': page({
        id: 'e-1',
        entityId: 'acme',
        at: '2026-08-01T00:00:00Z',
        kind: 'connected',
        message: 'Open.',
        dueAt: null,
      }),
    },
  },
  {
    args: ['apikey', 'create', '--scope', 'read', '--name', 'crm'],
    routes: {
      'POST /v1/api-keys': {
        status: 201,
        body: { id: 'k-1', name: 'crm', scopes: ['read'], key: 'cnc_new' },
      },
    },
  },
  {
    args: ['apikey', 'list'],
    routes: { 'GET /v1/api-keys': page({ id: 'k-1', name: 'crm', scopes: ['read'] }) },
  },
  { args: ['apikey', 'revoke', 'k-1'], routes: { 'DELETE /v1/api-keys/k-1': { status: 204 } } },
  {
    args: ['calls', 'list'],
    routes: {
      'GET /v1/calls': page({
        ...{ id: 'c-1', entityId: 'acme', at: '2026-08-01T00:00:00Z', function: 'readProfile' },
        ...{ method: 'GET', route: '/r', status: 200, durationMs: 12, correlationId: 'theirs-1' },
      }),
    },
  },
  {
    args: ['support-case', 'theirs-1'],
    routes: {
      'GET /v1/calls': page({
        ...{
          id: 'c-1',
          entityId: 'acme',
          at: '2026-08-01T00:00:00Z',
          method: 'GET',
          route: '/r',
          durationMs: 1,
        },
      }),
      'GET /v1/calls/c-1/support-case': {
        body: { callId: 'c-1', bodies: 'not-kept', text: 'Company: Acme' },
      },
    },
  },
  {
    args: ['keys', 'rotate'],
    routes: {
      'POST /v1/keys/rotate': { body: { rotated: 1, remaining: 0, activeKeyId: 'k2', unreadable: [] } },
    },
  },
  {
    args: ['status'],
    routes: {
      'GET /v1/status': { body: { version: '1', temporal: true } },
      'GET /v1/entities': page(anEntity()),
    },
  },
];
