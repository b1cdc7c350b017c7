import { encodeCardsRead } from '../../concur/xml';
import { type CreditCard } from '../../profile';
import { type Access, authoriseProfiles, isReply } from './access';
import { type Call, errorReply, noteViolation, type Reply, xmlReply } from './call';
import { cardKey, isGhost } from './card-rules';
import { findProfile } from './profile-read';
import { isCard } from './tree';
import { type StoredProfile, type Tree } from './types';
import { type World } from './world';

const CARDS_SCOPE = 'FOP';
const COMPANY_CARDS_SCOPE = 'GHOST';

/** As `authoriseProfiles`, and the token covers cards. */
export function authoriseCards(world: World, call: Call): Access | Reply {
  const access = authoriseProfiles(world, call);
  if (isReply(access) || access.scopes.includes(CARDS_SCOPE)) return access;
  return errorReply(world, 403, 'The token does not cover forms of payment.');
}

/** `GET /api/travelprofile/v2.0/fop` */
export function readCards(world: World, call: Call): Reply {
  const access = authoriseCards(world, call);
  if (isReply(access)) return access;
  const type = (call.query.get('userid_type') ?? '').toLowerCase();
  const value = call.query.get('userid_value') ?? '';
  if (!['login', 'xmlsyncid', 'uuid'].includes(type) || value === '') {
    const detail = 'userid_type (login, xmlsyncid, uuid) and userid_value are required.';
    noteViolation(world, call, 'bad-query', detail);
    return errorReply(world, 400, `Invalid User:${value}`);
  }
  const profile = findProfile(world, access.company, type, value);
  if (profile === undefined) return errorReply(world, 400, `Invalid User:${value}`);
  const cards = storedCards(profile).filter(
    (card) => !isGhost(card) || access.scopes.includes(COMPANY_CARDS_SCOPE),
  );
  world.cardReads.set(profile.uuid, new Set(cards.map(cardKey)));
  const document = { loginId: profile.loginId, cards: cards.map(asCard), unknown: [] };
  return xmlReply(200, encodeCardsRead(document));
}

export function storedCards(profile: StoredProfile): readonly Tree[] {
  return profile.cards ?? [];
}

function asCard(card: Tree): CreditCard {
  if (!isCard(card)) throw new Error('A stored card does not fit the table of cards.');
  return card;
}
