import { type CallContent, type CallSummary, type Entity, MASK } from '../../hub';
import { isoOrNull } from '../paging';
import { type CallJson, type SupportCaseJson } from '../schemas/calls';

/** The application as SAP knows it. The whole client id does not come here. */
export interface ConcurApplication {
  readonly name?: string | undefined;
  /** `…` and the last six characters (docs/concur.md §2). */
  readonly clientIdTail?: string | undefined;
}

export function callJson(call: CallSummary): CallJson {
  return {
    id: call.id,
    entityId: call.entityId,
    at: call.at.toISOString(),
    system: call.system,
    function: call.function ?? null,
    method: call.method,
    origin: call.origin ?? null,
    route: call.route,
    status: call.status ?? null,
    durationMs: call.durationMs,
    correlationId: call.correlationId ?? null,
    correlationIdSent: call.correlationIdSent ?? null,
    errorCode: call.errorCode ?? null,
    serverDate: isoOrNull(call.serverDate),
  };
}

/** @param content `masked` for a key that may not see it; undefined where nothing is there to be opened */
export function supportCaseJson(
  call: CallSummary,
  entity: Entity,
  application: ConcurApplication,
  content: CallContent | 'masked' | undefined,
): SupportCaseJson {
  const opened = content === 'masked' ? undefined : content;
  const exchange = opened?.exchange;
  const facts: Omit<SupportCaseJson, 'text'> = {
    callId: call.id,
    application: application.name ?? null,
    clientId: application.clientIdTail ?? null,
    correlationId: call.correlationId ?? null,
    correlationIdSent: call.correlationIdSent ?? null,
    company: { name: entity.name, id: entity.ids.companyId ?? null, uuid: entity.companyUuid },
    entityId: entity.ids.outtaskId ?? null,
    hubEntityId: entity.id,
    travelConfigId: entity.travelConfigId,
    user: content === 'masked' ? MASK : (opened?.user ?? null),
    function: call.function ?? null,
    at: call.at.toISOString(),
    serverDate: isoOrNull(call.serverDate),
    durationMs: call.durationMs,
    status: call.status ?? null,
    errorCode: call.errorCode ?? null,
    request: {
      method: call.method,
      url: exchange?.url ?? `${call.origin ?? ''}${call.route}`,
      headers: exchange?.requestHeaders ?? null,
      body: exchange?.requestBody ?? null,
    },
    response:
      call.status === undefined
        ? null
        : { headers: exchange?.responseHeaders ?? null, body: exchange?.responseBody ?? null },
    bodies: bodiesOf(call, content),
  };
  return { ...facts, text: textOf(facts) };
}

function bodiesOf(call: CallSummary, content: CallContent | 'masked' | undefined): SupportCaseJson['bodies'] {
  if (call.errorCode === undefined) return 'not-kept';
  if (content === 'masked') return 'masked';
  return content?.exchange === undefined ? 'gone' : 'kept';
}

const WORDS: Readonly<Record<SupportCaseJson['bodies'], string | undefined>> = {
  kept: 'Tokens, secrets, passwords, numbers of cards and documents were taken out before this was stored.',
  masked: 'User, headers and bodies are kept; an API key with the scope sensitive shows them.',
  'not-kept': 'The call succeeded: of successful calls no headers and bodies are kept.',
  gone: 'Headers and bodies are no longer there: erased, or the key that sealed them is not in the ring.',
};

const UNKNOWN = '(not known here; please add)';

function textOf(facts: Omit<SupportCaseJson, 'text'>): string {
  const { request, response } = facts;
  const rows: readonly (readonly [string, string | number | null])[] = [
    ['Application', facts.application ?? `${UNKNOWN} CONCUR_APPLICATION_NAME is not set`],
    ['Client id (its end)', facts.clientId ?? UNKNOWN],
    ['Correlation id', facts.correlationId ?? '(none in the answer)'],
    ['Correlation id sent', facts.correlationIdSent],
    ['Company', facts.company.name],
    ['Company id', facts.company.id ?? UNKNOWN],
    ['Company UUID', facts.company.uuid],
    ['Entity id', facts.entityId ?? UNKNOWN],
    ['Travel config id', facts.travelConfigId],
    ['User', facts.user ?? '(none)'],
    ['Function', facts.function],
    ['Time', facts.at],
    ['Concur’s clock', facts.serverDate ?? '(not said)'],
    ['Duration', `${facts.durationMs} ms`],
    ['Status', facts.status ?? 'no answer'],
    ['Failure', facts.errorCode ?? 'none'],
  ];
  const width = Math.max(...rows.map(([label]) => label.length)) + 1;
  return [
    ...rows.map(([label, value]) => `${`${label}:`.padEnd(width)} ${value ?? '(not known)'}`),
    '',
    `Request: ${request.method} ${request.url}`,
    ...messageLines(request),
    ...(response === null ? [] : ['', `Response: ${facts.status ?? ''}`, ...messageLines(response)]),
    '',
    WORDS[facts.bodies] ?? '',
  ].join('\n');
}

function messageLines({ headers, body }: Pick<SupportCaseJson['request'], 'headers' | 'body'>): string[] {
  const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`);
  return body === null ? lines : [...lines, '', body];
}
