import { getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/min';
import metadata from 'libphonenumber-js/metadata.min.json';

const ALPHA_2 = /^[A-Za-z]{2}$/;
const CALLING_CODE = /^\+?0*([1-9]\d{0,3})$/;

/** Calling code without zeros or plus: `US`, `1`, `01` and `001` all give `1`. Undefined when it is neither. */
export function callingCodeOf(country: string): string | undefined {
  const text = country.trim();
  if (ALPHA_2.test(text)) {
    const code = text.toUpperCase();
    return isSupportedCountry(code) ? getCountryCallingCode(code) : undefined;
  }
  return CALLING_CODE.exec(text)?.[1];
}

/**
 * The ISO 3166-1 alpha-2 code that Concur wants on a write, from whatever form the hub holds. Where
 * several countries share a calling code (1, 7, 44 …) the traveller's own countries are preferred.
 */
export function phoneCountryForWrite(country: string, preferred: readonly string[]): string | undefined {
  const text = country.trim();
  if (ALPHA_2.test(text)) return text.toUpperCase();
  const code = callingCodeOf(text);
  if (code === undefined) return undefined;
  const own = preferred.find((candidate) => callingCodeOf(candidate) === code);
  return own?.toUpperCase() ?? mainCountryOf(code);
}

const COUNTRIES_BY_CODE: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(metadata.country_calling_codes),
);

/** The numbering plan's own country comes first among those that share a calling code. */
function mainCountryOf(code: string): string | undefined {
  return COUNTRIES_BY_CODE.get(code)?.[0];
}
