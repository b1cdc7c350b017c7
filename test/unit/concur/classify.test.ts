import { type CallSubject, classifyAnswer } from '../../../concur';
import { type Answer } from '../../../concur/http';
import { encodeError, encodeOutcome } from '../../../concur/xml';
import { DELAYS } from '../../support/concur/world';

const anAnswer = (status: number, body = '', headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers,
  body,
  correlationId: 'c-1',
  serverDate: new Date('2026-08-01T12:00:00Z'),
});

const anError = (message: string): string =>
  encodeError({ message, serverTime: '2026-08-01T12:00:00', id: 'E-1' });

const classify = (answer: Answer, subject: CallSubject = 'update') => classifyAnswer(answer, subject, DELAYS);

const E001 = { code: 'E001', message: 'Cannot update this element: General/UUID', field: 'General/UUID' };
const W003 = {
  code: 'W003',
  message: 'No rule class Gold',
  field: 'General/RuleClass',
  correlationId: 'c-9',
};

describe('An answer of the profile service', () => {
  it('of 200 with S001 is a success', () => {
    const result = classify(
      anAnswer(200, encodeOutcome([{ code: 'S001', message: 'Success' }], 'u-1')),
      'create',
    );
    expect(result).toMatchObject({ uuid: 'u-1', notFound: false });
    expect(result.error).toBeUndefined();
  });

  it('of 200 with warnings only was written but for these fields', () => {
    const unknown = { code: 'UNKNOWN', message: 'Something' };
    const result = classify(anAnswer(200, encodeOutcome([W003, unknown])));
    expect(result.error).toBeUndefined();
    expect(result.messages).toEqual([W003, unknown]);
  });

  it('of 200 with an E-code wrote nothing, and the E-code comes first', () => {
    const { error } = classify(anAnswer(200, encodeOutcome([W003, E001])));
    expect(error).toMatchObject({
      name: 'ProfileRejected',
      code: 'E001',
      field: 'General/UUID',
      failureClass: 'record',
    });
    expect(error?.message).toContain('E001, General/UUID: no access, or the element cannot be updated');
    expect(error?.messages).toEqual([E001, W003]);
  });

  it('of 200 with a code that nobody knows is a readable refusal', () => {
    const { error } = classify(anAnswer(200, encodeOutcome([{ code: 'X777', message: 'new' }])));
    expect(error).toMatchObject({ name: 'ProfileRejected', code: 'X777' });
  });

  it('of 200 without any outcome leaves open what happened to a write', () => {
    expect(classify(anAnswer(200, '')).error).toMatchObject({
      name: 'UnexpectedAnswer',
      failureClass: 'retry',
    });
    expect(classify(anAnswer(200, '<html><p>hi'), 'create').error).toMatchObject({
      name: 'UnexpectedAnswer',
    });
  });

  it('of 400 refuses, even if all it names is warnings', () => {
    const body = encodeError({
      message: [{ ...W003, code: 'W011', field: 'Person.Segment.Mandatory' }],
      wrapper: 'CannotBeChangedProfileSyncMessage',
      serverTime: '2026-08-01T12:00:00',
      id: 'E-1',
    });
    const { error } = classify(anAnswer(400, body));
    expect(error).toMatchObject({ name: 'ProfileRejected', code: 'W011' });
    expect(error?.message).not.toContain('Person');
  });

  it.each<[string, number, string, object]>([
    [
      'a schema error',
      400,
      anError('There is an error in XML document (1, 2).'),
      { name: 'ProfileRejected', code: 'SCHEMA' },
    ],
    [
      'a schema error with 500',
      500,
      anError('There is an error in XML document (1, 2).'),
      { name: 'ProfileRejected', code: 'SCHEMA' },
    ],
    [
      'a login in use',
      400,
      anError('Login Id: "ada@example.test" is already in use'),
      { name: 'LoginTaken', failureClass: 'record' },
    ],
    [
      'a login in use within E111',
      400,
      encodeOutcome([{ code: 'E111', message: 'Login Id: "x" is already in use.' }]),
      { name: 'LoginTaken' },
    ],
    [
      'a login too short',
      400,
      anError(
        'Could not create a new user because either Login Id is not specified or is less than three characters',
      ),
      { name: 'ProfileRejected', code: 'LOGIN-TOO-SHORT' },
    ],
    [
      'no last name',
      400,
      anError('Could not create a new user without a Last Name'),
      { name: 'ProfileRejected', code: 'NO-LAST-NAME' },
    ],
    [
      'an unknown company',
      400,
      anError('Company Id: "x" does not exist'),
      { name: 'ProfileRejected', code: 'COMPANY-UNKNOWN' },
    ],
    [
      'an unknown user',
      400,
      anError('Invalid User:ada@example.test'),
      { name: 'ProfileRejected', code: 'INVALID-USER' },
    ],
    [
      'a deadlock',
      400,
      anError('Transaction was deadlocked on lock resources'),
      { name: 'ConcurUnavailable', code: 'concur-deadlock', retryAfterMs: 1_000 },
    ],
    ['a limit', 400, anError('Too many requests'), { name: 'ConcurThrottled' }],
    ['chunks', 400, 'Transfer-Encoding: chunked is not supported', { name: 'Misconfigured' }],
    ['EC2', 400, anError('EC2: user is not a company admin'), { name: 'AccessDenied', code: 'EC2' }],
    [
      'EC3',
      400,
      encodeError({ message: [{ code: 'EC3', message: 'not an agency admin' }], serverTime: '', id: '1' }),
      { name: 'AccessDenied', code: 'EC3' },
    ],
    ['EC4', 400, anError('EC4'), { name: 'Misconfigured', code: 'EC4' }],
    ['another text', 400, anError('The moon is full'), { name: 'ProfileRejected', code: 'HTTP-400' }],
    ['401', 401, '', { name: 'ReauthorisationRequired', failureClass: 'person' }],
    ['403', 403, '', { name: 'AccessDenied', failureClass: 'person' }],
    ['403 with E001', 403, encodeOutcome([E001]), { name: 'AccessDenied' }],
    ['404 of a gateway', 404, '<html>Not Found</html>', { name: 'UnexpectedAnswer', failureClass: 'retry' }],
    ['429', 429, '', { name: 'ConcurThrottled', retryAfterMs: 1_000 }],
    ['500', 500, 'Runtime Error', { name: 'ConcurUnavailable', retryAfterMs: 1_000 }],
    ['503', 503, '', { name: 'ConcurUnavailable', retryAfterMs: 300_000 }],
    ['a redirect', 307, '', { name: 'ConcurUnavailable', code: 'concur-redirect' }],
    ['a status that nobody knows', 418, 'tea', { name: 'UnexpectedAnswer' }],
  ])('with %s is what the rules say', (_what, status, body, expected) => {
    expect(classify(anAnswer(status, body)).error).toMatchObject({
      ...expected,
      correlationId: 'c-1',
      httpStatus: status,
    });
  });

  it.each([
    ['120', 120_000],
    ['Sat, 01 Aug 2026 12:00:30 GMT', 30_000],
  ])('waits as long as Retry-After: %s says', (value, milliseconds) => {
    for (const status of [429, 503]) {
      expect(classify(anAnswer(status, '', { 'retry-after': value })).error).toMatchObject({
        retryAfterMs: milliseconds,
      });
    }
  });

  it.each([400, 404, 500])(
    'of %i that says the user does not exist, says that it was not found',
    (status) => {
      expect(classify(anAnswer(status, anError('Invalid User:ada@example.test')), 'read').notFound).toBe(
        true,
      );
      expect(classify(anAnswer(status, anError('EC1 - user not found')), 'read').notFound).toBe(true);
    },
  );

  it('takes a duplicate login (W005) for a taken one at a create, for a warning at an update', () => {
    const answer = anAnswer(200, encodeOutcome([{ code: 'W005', message: 'duplicate', field: 'LoginId' }]));
    expect(classify(answer, 'create').error).toMatchObject({ name: 'LoginTaken' });
    expect(classify(answer, 'update').error).toBeUndefined();
  });

  it('does not take a profile for an outcome, whatever is in it', () => {
    const body = '<ProfileResponse LoginId="a"><New><Code>E001</Code></New></ProfileResponse>';
    expect(classify(anAnswer(200, body), 'read')).toEqual({ notFound: false, messages: [] });
  });

  it('makes no record of a broken list', () => {
    expect(classify(anAnswer(400, anError('LastModifiedDate is required')), 'list').error).toMatchObject({
      failureClass: 'retry',
    });
  });
});
