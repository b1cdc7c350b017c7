import { randomUUID } from 'node:crypto';
import { aCardNumber } from '../concur/cards';
import { type Needle } from './needles';

export const CARD = aCardNumber('Visa', 8_451);
export const HUB_CARD = aCardNumber('Visa', 8_452);
export const PASSPORT = 'CANARYPASSPORT8451';
export const WRONG_TOKEN = 'canary-wrong-request-token-8451';
export const BROKEN = 'canary-in-broken-json-8451';
export const PUSH_SECRET = 'canary-push-secret-8451';
export const WRONG_PUSH_SECRET = 'canary-wrong-push-secret-8451';
/** What goes through an installation and must be found nowhere. */
export const CANARIES: readonly Needle[] = [
  { name: 'card', value: CARD },
  { name: 'end of the card', value: CARD.slice(-12) },
  { name: 'card of the hub', value: HUB_CARD },
  { name: 'end of the card of the hub', value: HUB_CARD.slice(-12) },
  { name: 'passport', value: PASSPORT },
  { name: 'wrong request token', value: WRONG_TOKEN },
  { name: 'text of a broken body', value: BROKEN },
  { name: 'push secret', value: PUSH_SECRET },
  { name: 'wrong push secret', value: WRONG_PUSH_SECRET },
];

const planted = (what: string): Needle => ({
  name: `planted ${what}`,
  value: `planted-${randomUUID()}`,
});

/** One for each kind of place, so that each search is shown to find something. */
export const PLANTS = {
  row: planted('row'),
  history: planted('history'),
  argument: planted('argument'),
  answer: planted('answer'),
  file: planted('file'),
  terminal: planted('terminal'),
} as const;
