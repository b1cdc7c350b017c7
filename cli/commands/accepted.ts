import { type Accepted } from '../api-types';
import { type Outcome } from '../command';
import { type Session } from '../session';

/** What `--no-wait` says. */
export function acceptedOutcome(session: Session, accepted: Accepted, look: string): Outcome {
  return {
    data: accepted,
    show: () => {
      const when = accepted.pending === true ? 'it begins when Temporal is back' : 'it goes on by itself';
      session.output.line(`Accepted; ${when}. See how it stands: ${look}`);
    },
  };
}

export function noteIfPending(session: Session, accepted: Accepted): void {
  if (accepted.pending !== true) return;
  session.note('Accepted, but Temporal or the worker does not answer now; it begins when they are back.');
}
