import { createSendAuthorised, infoOf, XML_HEADERS } from './authorised';
import { compareCards } from './card-compare';
import { planCards } from './card-merge';
import { type CardsChange, type CardsRead, type CardsWriteResult, type ConcurCards } from './card-types';
import { type Delays, isWarning } from './classify';
import { withWords } from './codes';
import { type Connection } from './connection';
import { CardsRejected, CardsUnreadable, IdentityChanged, ScopeMissing } from './errors';
import { type Send } from './http';
import { createSendJudged } from './judged';
import { type ProfileId } from './types';
import { decodeCards, encodeCardsWrite } from './xml';

const CARDS_PATH = '/api/travelprofile/v2.0/fop';
const CARDS_SCOPE = 'FOP';

export interface ConcurCardsOptions {
  readonly connection: Connection;
  readonly send: Send;
  readonly delays: Delays;
  /** Scopes of the last grant; `undefined` where they are not known, so that Concur is asked. */
  readonly grantedScopes: () => Promise<readonly string[] | undefined>;
}

/**
 * The form-of-payment calls of one entity (docs/concur.md §4). Every failure is a `ConcurError`; numbers of
 * cards stand in no message, journal or result but in `cards`.
 */
export function createConcurCards(options: ConcurCardsOptions): ConcurCards {
  const authorised = createSendAuthorised(options.connection, options.send);
  const send = createSendJudged(authorised, options.delays);

  /** Without the scope Concur may hide cards instead of refusing, and a POST would delete what is hidden. */
  async function demandScope(): Promise<void> {
    const granted = await options.grantedScopes();
    if (granted === undefined || granted.includes(CARDS_SCOPE)) return;
    throw new ScopeMissing(
      'The connection was granted without the scope FOP, so cards can be neither read nor written. Ask Concur ' +
        'to grant FOP (and GHOST for company cards), then renew the connection.',
      CARDS_SCOPE,
    );
  }

  async function read(id: ProfileId): Promise<CardsRead | undefined> {
    const { answer, result, content, unreadable } = await send(
      {
        function: 'readCards',
        method: 'GET',
        path: `${CARDS_PATH}?userid_type=${id.type}&userid_value=${encodeURIComponent(id.value)}`,
        template: `${CARDS_PATH}?userid_type=${id.type}`,
        headers: XML_HEADERS,
        user: id.value,
      },
      'read-cards',
      ({ body }) => decodeCards(body, id.type === 'login' ? id.value : undefined),
    );
    if (result.notFound) return undefined;
    if (result.error !== undefined) throw result.error;
    if (content !== undefined) return { ...content, ...infoOf(answer) };
    throw new CardsUnreadable(`${unreadable?.message ?? ''} The cards are read again later.`, {
      correlationId: answer.correlationId,
      httpStatus: answer.status,
    });
  }

  async function readForWrite(id: ProfileId): Promise<CardsRead> {
    const shown = await read(id);
    if (shown === undefined) {
      throw new CardsRejected('Concur knows no such user, so no card was written. Check the login.', {
        code: 'INVALID-USER',
      });
    }
    if (id.type === 'login' && shown.loginId.toLowerCase() !== id.value.trim().toLowerCase()) {
      throw new IdentityChanged(
        'Concur shows the cards of another login than the one that was asked for. Nothing was sent.',
        { ...(shown.correlationId === undefined ? {} : { correlationId: shown.correlationId }) },
      );
    }
    return shown;
  }

  return {
    async readCards(id) {
      await demandScope();
      return read(id);
    },

    /**
     * Reads, merges, sends the complete set, reads back. Nothing is sent where nothing would change.
     * @throws CardsIncomplete, CardsRejected, CardsUnreadable, IdentityChanged, ScopeMissing, ConcurUnwritable
     *   and the failures of every call. After one that says `retry` the whole is simply done again
     * @throws RangeError where the change names a card twice
     */
    async writeCards(id: ProfileId, change: CardsChange): Promise<CardsWriteResult> {
      await demandScope();
      const before = await readForWrite(id);
      const plan = planCards(before.cards, change);
      const { withheld, notRemoved, defaultsMoved } = plan;
      const decided = { withheld, notRemoved };
      if (!plan.isNeeded) {
        const { cards, loginId: _login, unknown: _unknown, ...info } = before;
        return { ...decided, ...info, sent: false, warnings: [], defaultsMoved: [], differences: [], cards };
      }
      const { answer, result } = await send(
        {
          function: 'writeCards',
          method: 'POST',
          path: CARDS_PATH,
          template: CARDS_PATH,
          headers: XML_HEADERS,
          body: encodeCardsWrite(before.loginId, plan.send),
          user: before.loginId,
        },
        'write-cards',
        () => undefined,
      );
      if (result.error !== undefined) throw result.error;
      const after = await readForWrite(id);
      return {
        ...decided,
        ...infoOf(answer),
        sent: true,
        warnings: result.messages.filter(({ code }) => isWarning(code)).map(withWords),
        defaultsMoved,
        differences: compareCards(before, plan.send, after),
        cards: after.cards,
      };
    },

    cardsToSend: (shown, change) => planCards(shown, change).send,
  };
}
