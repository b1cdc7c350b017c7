import { type SendAuthorised, type UnauthorisedCall } from './authorised';
import { type CallSubject, classifyAnswer, type Classified, type Delays } from './classify';
import { type ConcurUnreadable, isConcurUnreadable } from './errors';
import { type Answer } from './http';

/** What an answer means, and what was read from it; `unreadable` is a success that cannot be read. */
export interface Judged<T> {
  readonly answer: Answer;
  readonly result: Classified;
  readonly content?: T;
  readonly unreadable?: ConcurUnreadable;
}

export type SendJudged = <T>(
  call: UnauthorisedCall,
  subject: CallSubject,
  decode: (answer: Answer) => T,
) => Promise<Judged<T>>;

/**
 * Sends a call whose answer is judged by what it says. The judgement is known to the journal when it hears of
 * the call, so that a 200 which refuses, or cannot be read, is kept as a failure.
 */
export function createSendJudged(authorised: SendAuthorised, delays: Delays): SendJudged {
  return async <T>(call: UnauthorisedCall, subject: CallSubject, decode: (answer: Answer) => T) => {
    const judgements = new WeakMap<Answer, Judged<T>>();
    const judge = (answer: Answer): Judged<T> => {
      const known = judgements.get(answer);
      if (known !== undefined) return known;
      const result = classifyAnswer(answer, subject, delays);
      const isRead = result.error === undefined && !result.notFound;
      const judged = { answer, result, ...(isRead ? decoded(() => decode(answer)) : {}) };
      judgements.set(answer, judged);
      return judged;
    };
    const failureOf = (answer: Answer): string | undefined => {
      const { result, unreadable } = judge(answer);
      return unreadable?.code ?? result.error?.code ?? (result.notFound ? 'not-found' : undefined);
    };
    return judge(await authorised({ ...call, failureOf }));
  };
}

function decoded<T>(decode: () => T): Pick<Judged<T>, 'content' | 'unreadable'> {
  try {
    return { content: decode() };
  } catch (error) {
    if (!isConcurUnreadable(error)) throw error;
    return { unreadable: error };
  }
}
