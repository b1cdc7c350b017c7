import * as fc from 'fast-check';
import {
  decodeOutcome,
  decodeSummaryPage,
  encodeError,
  encodeOutcome,
  encodeSummaryPage,
  parseConcurTime,
} from '../../../concur/xml';
import { type OutcomeMessage } from '../../../concur/types';
import { loginId, profileStatus } from '../../support/concur/arbitraries';

const ASKED = { page: 3, itemsPerPage: 2 };
const words = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .map((text) => text.trim())
  .filter((text) => /^[^\u0000-\u001f\uFFFE\uFFFF]+$/u.test(text) && !/[\ud800-\udfff]/u.test(text)); // eslint-disable-line no-control-regex

describe('A page of the summary list', () => {
  it('reads back as it was shown', () => {
    const row = fc
      .record(
        {
          loginId,
          status: profileStatus,
          xmlProfileSyncId: words,
          modifiedAt: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => new Date(seconds * 1000)),
        },
        { requiredKeys: ['loginId', 'modifiedAt'] },
      )
      .map((each) => each);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
        const paging = { page: 3, totalPages: 9, totalItems: 17 };
        const xml = encodeSummaryPage({
          rows,
          itemsPerPage: 2,
          ...paging,
          nextPageUrl: 'https://x.test/?a=1&b=2',
        });
        expect(decodeSummaryPage(xml, ASKED)).toEqual({ rows, ...paging, withoutLogin: 0 });
      }),
      { numRuns: 100 },
    );
  });

  it('is read in any case and without Metadata', () => {
    const xml =
      '<connectresponse><data><profilesummary><loginid>a@example.test</loginid><XMLProfileSyncID>s</XMLProfileSyncID>' +
      '<ProfileLastModifiedUTC>2026-07-31T10:00:00.123</ProfileLastModifiedUTC><Status>INACTIVE</Status></profilesummary>' +
      '<ProfileSummary><LoginID>b@example.test</LoginID><ProfileLastModifiedUTC>soon</ProfileLastModifiedUTC></ProfileSummary>' +
      '<ProfileSummary><Status>Active</Status></ProfileSummary></data></connectresponse>';
    expect(decodeSummaryPage(xml, { page: 1, itemsPerPage: 3 })).toEqual({
      rows: [
        {
          loginId: 'a@example.test',
          status: 'inactive',
          xmlProfileSyncId: 's',
          modifiedAt: new Date('2026-07-31T10:00:00Z'),
        },
        { loginId: 'b@example.test', modifiedAt: new Date(0) },
      ],
      page: 1,
      totalPages: 2,
      totalItems: 3,
      withoutLogin: 1,
    });
  });

  it('is empty beyond the last one', () => {
    expect(decodeSummaryPage('<ConnectResponse><Data/></ConnectResponse>', ASKED)).toMatchObject({
      rows: [],
      totalPages: 3,
    });
  });

  it.each(['<ConnectResponse><Data>', '<Error/>', 'nothing'])('is never half of %s', (xml) => {
    expect(() => decodeSummaryPage(xml, ASKED)).toThrow(/Nothing of it was used/);
  });

  it.each([
    ['2026-07-31T10:00:00', '2026-07-31T10:00:00.000Z'],
    ['2026-07-31T10:00:00.999Z', '2026-07-31T10:00:00.000Z'],
    ['2026-07-31T10:00:00+02:00', '2026-07-31T08:00:00.000Z'],
    ['7/31/2026 10:00:00 PM', '2026-07-31T22:00:00.000Z'],
    ['12/1/2026 12:00:05 AM', '2026-12-01T00:00:05.000Z'],
  ])('may name its times as %s', (text, iso) => {
    expect(parseConcurTime(text)?.toISOString()).toBe(iso);
  });
});

describe('An outcome', () => {
  const message: fc.Arbitrary<OutcomeMessage> = fc.record(
    {
      code: fc.constantFrom('S001', 'W002', 'E001', 'UNKNOWN'),
      message: words,
      field: words,
      correlationId: words,
    },
    { requiredKeys: ['code', 'message'] },
  );

  it('reads back as it was shown, alone or several in a row, and inside an Error', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), (messages) => {
        expect(decodeOutcome(encodeOutcome(messages, 'u-1'))).toEqual({
          isError: false,
          messages,
          uuid: 'u-1',
        });
        const error = { message: messages, serverTime: '2026-08-01T12:00:00', id: 'E-1' };
        expect(decodeOutcome(encodeError(error))).toEqual({
          isError: true,
          messages,
          id: 'E-1',
          serverTime: '2026-08-01T12:00:00',
        });
      }),
      { numRuns: 100 },
    );
  });

  it('may stand several times in one answer, each with its own declaration', () => {
    const one = encodeOutcome([{ code: 'W007', message: 'The CountryCode field is required.' }]);
    const two = encodeOutcome([{ code: 'W002', message: 'too long' }]);
    expect(decodeOutcome(`${one}\n\n${two}`)?.messages.map(({ code }) => code)).toEqual(['W007', 'W002']);
  });

  it('may be a plain text', () => {
    const xml = encodeError({ message: 'Invalid User:a&b@example.test', serverTime: 't', id: 'E-1' });
    expect(decodeOutcome(xml)).toMatchObject({
      isError: true,
      messages: [],
      text: 'Invalid User:a&b@example.test',
    });
  });

  it.each([
    '',
    'Service Unavailable',
    '<html><body>x</body></html>',
    '<ProfileResponse><Code>E001</Code></ProfileResponse>',
  ])('is not what %j is', (text) => {
    expect(decodeOutcome(text)).toBeUndefined();
  });
});
