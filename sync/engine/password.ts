import { type Random } from './ports';

const CLASSES = ['abcdefghijkmnopqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '!#%*-_=?'] as const;
const ALPHABET = CLASSES.join('');
const LENGTH = 24;

/**
 * The password of a created profile (docs/concur.md §3, minimum for Create): 24 random characters of four
 * classes, generated when it is sent and stored nowhere. Travellers sign in through their company.
 */
export function newPassword(random: Random): string {
  const bytes = random.bytes(LENGTH);
  const characters = Array.from(bytes, (byte, index) => {
    // One of each class first, so that every password rule is met.
    const alphabet = CLASSES[index] ?? ALPHABET;
    return alphabet[byte % alphabet.length] ?? '-';
  });
  const order = random.bytes(LENGTH);
  return characters
    .map((character, index) => ({ character, rank: order[index] ?? 0 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ character }) => character)
    .join('');
}
