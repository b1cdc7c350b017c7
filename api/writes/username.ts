import { invalidField } from '../problem';

const SHORTEST = 3;
const LONGEST = 128;

/**
 * The username to store. One that is sent back unchanged is taken whatever it is: a pull may have stored it
 * like that. A new one must do as a Concur login (docs/concur.md §3: three characters after trimming).
 * @throws Problem 422
 */
export function checkedUsername(incoming: string | undefined, stored: string | undefined): string {
  if (incoming === undefined || incoming === stored) {
    if (stored !== undefined) return stored;
    throw invalidField('username', 'required', 'is required for a new traveller');
  }
  const username = incoming.trim();
  if (username.length < SHORTEST || username.length > LONGEST || /\p{Cc}/u.test(username)) {
    throw invalidField(
      'username',
      'wrong-length',
      `must have ${SHORTEST} to ${LONGEST} characters, none of them a control character`,
    );
  }
  return username;
}
