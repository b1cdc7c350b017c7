import { encodeError, encodeOutcome } from '../../concur/xml';
import { isReply } from './access';
import {
  type Call,
  errorReply,
  happening,
  noteViolation,
  type OutcomeMessage,
  type Reply,
  xmlReply,
} from './call';
import { type CardsDocument, readCardsDocument } from './card-document';
import { mergeCards } from './card-merge';
import { authoriseCards, storedCards } from './card-read';
import { cardCode, cardKey, isGhost } from './card-rules';
import { concurTime } from './clock';
import { findProfile } from './profile-read';
import { type StoredProfile } from './types';
import { type World } from './world';
import { type Changes } from './write-document';
import { parseXml, positionOf, XmlViolation } from './xml-tree';

const WARNINGS = {
  W009: { field: 'CreditCard.AccountNo', message: 'Account Number provided was invalid.' },
  W010: { field: 'CreditCard.Vendor', message: 'Vendor Code provided was invalid.' },
} as const;

/** `POST /api/travelprofile/v2.0/fop`: the cards that are sent replace those that are there (docs/concur.md §4). */
export function writeCards(world: World, call: Call): Reply {
  const access = authoriseCards(world, call);
  if (isReply(access)) return access;
  const document = parseChecked(world, call);
  if ('status' in document) return document;
  const profile = findProfile(world, access.company, 'login', document.loginId);
  if (profile === undefined) return errorReply(world, 400, `Invalid User:${document.loginId}`);
  const refusal = refused(world, call, document);
  if (refusal !== undefined) return refusal;
  return replace(world, call, profile, document);
}

function parseChecked(world: World, call: Call): CardsDocument | Reply {
  try {
    return readCardsDocument(parseXml(call.body));
  } catch (error) {
    if (!(error instanceof XmlViolation)) throw error;
    const { line, column } = positionOf(call.body, error.at);
    noteViolation(world, call, 'schema', `(${line}, ${column}): ${error.reason}`);
    return errorReply(world, 400, `There is an error in XML document (${line}, ${column}).`);
  }
}

/** What refuses all of it: no card, a company card, `Mandatory`. */
function refused(world: World, call: Call, { cards, hasMandatory }: CardsDocument): Reply | undefined {
  const refuse = (code: string, field: string, message: string): Reply =>
    errorReply(world, 400, [{ code, field, message }]);
  if (cards.length === 0) {
    noteViolation(world, call, 'schema', 'An empty list of cards was sent.');
    return refuse('E002', 'CreditCards', 'At least one credit card is required.');
  }
  if (cards.some(isGhost)) {
    noteViolation(world, call, 'read-only-element', 'CreditCard with UsageType Corporate');
    return refuse(
      'E001',
      'CreditCard.UsageType',
      'Cannot update Corporate (Ghost) cards using this service.',
    );
  }
  if (!hasMandatory) return undefined;
  noteViolation(world, call, 'read-only-element', 'CreditCard.Segment.Mandatory');
  return cannotBeChanged(world);
}

/** Seen in the documents: an item with a name of its own around it. */
function cannotBeChanged(world: World): Reply {
  const message = {
    code: 'W011',
    message: 'Cannot update Mandatory field for Corporate (Ghost) cards using this service.',
    field: 'CreditCard.Segment.Mandatory',
  };
  const body = encodeError({
    message: [message],
    wrapper: 'CannotBeChangedProfileSyncMessage',
    serverTime: concurTime(world.clock.shown().getTime()),
    id: world.random.uuid().toUpperCase(),
  });
  return xmlReply(400, body, [message.code]);
}

function replace(world: World, call: Call, profile: StoredProfile, { cards: sent }: CardsDocument): Reply {
  const behaviour = world.behaviour(call.company);
  const warnings = sent.flatMap((card): OutcomeMessage[] => {
    const code = codeOf(card);
    return code === undefined ? [] : [{ code, ...WARNINGS[code], correlationId: call.correlationId }];
  });
  const accepted = sent.filter((card) => codeOf(card) === undefined);
  const current = storedCards(profile);
  const named = new Set(sent.map(cardKey));
  const gone =
    accepted.length === 0 ? [] : current.filter((card) => !isGhost(card) && !named.has(cardKey(card)));
  const read = world.cardReads.get(profile.uuid) ?? new Set();
  world.cardReads.delete(profile.uuid);
  const unread = gone.filter((card) => !read.has(cardKey(card))).length;
  if (unread > 0) {
    const detail = `A partial list: it deletes ${unread} card(s) that were not read immediately before.`;
    noteViolation(world, call, 'cards-not-read', detail);
  }
  for (const _card of gone) {
    const removal = { uuid: profile.uuid, field: 'CreditCards', how: 'missing-from-list' } as const;
    world.seen.cleared({ ...happening(world, call), kind: 'clear', ...removal });
  }
  if (accepted.length > 0) {
    const kept = current.filter((card) => !gone.includes(card));
    world.store.putProfile({
      ...profile,
      cards: mergeCards(kept, accepted, behaviour.listElements),
      ...(behaviour.cardsMoveStamp
        ? { modifiedAt: world.clock.nowWholeSeconds(), sequence: world.store.nextSequence() }
        : {}),
    });
  }
  const messages = warnings.length === 0 ? [SUCCESS] : warnings;
  return xmlReply(
    200,
    encodeOutcome(messages),
    messages.map(({ code }) => code),
  );
}

const SUCCESS: OutcomeMessage = { code: 'S001', message: 'Success, no errors or warnings reported' };

function codeOf(card: Changes): 'W009' | 'W010' | undefined {
  const { vendor, accountNo } = card;
  return cardCode(
    typeof vendor === 'string' ? vendor : undefined,
    typeof accountNo === 'string' ? accountNo : undefined,
  );
}
