import { type Leaf } from '../../profile';
import { type Scalar } from './types';

/** One item of the answer to a POST; the rest of the document was written (docs/concur.md §3). */
export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly field: string;
}

export function warning(code: string, field: string, message: string): Warning {
  return { code, field, message };
}

const COUNTRY = /^[A-Za-z]{2}$/;
const AIRPORT = /^[A-Za-z]{3}$/;
const MARK_UP = /[<>]/;
// eslint-disable-next-line no-control-regex -- finding control characters is the point
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const EMAIL = /^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\]+\.[^\s@.<>"(),:;[\]\\]{2,}$/;
const IATA_LENGTH = 3;

const RANGES = {
  datetime: ['1753-01-01', '9999-12-31'],
  smalldatetime: ['1900-01-01', '2079-06-06'],
} as const;

/** What keeps Concur from writing one value; undefined when it is written as it stands. */
export function checkValue(leaf: Leaf, value: Scalar, field: string): Warning | undefined {
  if (typeof value !== 'string') return undefined;
  if (leaf.kind === 'date') return checkDate(leaf, value, field);
  if (leaf.max !== undefined && value.length > leaf.max) {
    const message = `The field ${leaf.xml} must be a string with a maximum length of ${leaf.max}.`;
    return warning('W002', field, message);
  }
  if (MARK_UP.test(value) || CONTROL.test(value)) {
    return warning('W001', field, `The field ${leaf.xml} holds characters that are not allowed.`);
  }
  return checkFormat(leaf, value, field);
}

function checkDate(leaf: Leaf, value: string, field: string): Warning | undefined {
  const [first, last] = RANGES[leaf.range ?? 'datetime'];
  if (value >= first && value <= last) return undefined;
  return warning('W006', field, `The field ${leaf.xml} must be between ${first} and ${last}.`);
}

function checkFormat(leaf: Leaf, value: string, field: string): Warning | undefined {
  if (leaf.xml === 'HomeAirport') {
    if (value.length < IATA_LENGTH) {
      return warning('W002', field, 'The field HomeAirport must be a string of three letters.');
    }
    return AIRPORT.test(value)
      ? undefined
      : warning('W001', field, 'The field HomeAirport is not an IATA code.');
  }
  if (leaf.xml === 'EmailAddress' && !EMAIL.test(value)) {
    return warning('W020', field, 'The e-mail address is not in a valid format.');
  }
  if (isCountry(leaf) && !COUNTRY.test(value)) {
    return warning('W001', field, `The field ${leaf.xml} must be a country code of two letters.`);
  }
  return undefined;
}

function isCountry(leaf: Leaf): boolean {
  return leaf.kind === 'text' && leaf.max === 2;
}

const DATE_PAIRS = [
  ['passportDateIssued', 'passportExpiration'],
  ['visaDateIssued', 'visaExpiration'],
  ['sponsorshipStartDate', 'sponsorshipEndDate'],
  ['issueDate', 'expirationDate'],
] as const;

/** The date fields of a list element whose end lies before their start (W014). */
export function wrongDateRange(
  item: Readonly<Record<string, Scalar>>,
): readonly [string, string] | undefined {
  return DATE_PAIRS.find(([start, end]) => {
    const from = item[start];
    const until = item[end];
    return typeof from === 'string' && typeof until === 'string' && from > until;
  });
}
