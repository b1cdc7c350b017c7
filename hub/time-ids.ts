import { randomBytes } from 'node:crypto';

/**
 * Makes ids that sort by the time they were made, within this process strictly: UUID version 7 with a counter
 * behind the milliseconds (RFC 9562 §6.2), so that lists by id are in the order of events.
 */
export function timeSortedIds(now: () => number): { next(): string } {
  let last = 0;
  let counter = 0;
  return {
    next() {
      const time = now();
      if (time > last) {
        last = time;
        counter = randomBytes(1).readUInt8();
      } else {
        counter += 1;
        if (counter > 0xfff) {
          last += 1;
          counter = 0;
        }
      }
      const stamp = last.toString(16).padStart(12, '0');
      const random = randomBytes(8).toString('hex');
      const variant = (0x8 | (Number.parseInt(random.charAt(0), 16) & 0x3)).toString(16);
      const middle = counter.toString(16).padStart(3, '0');
      return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${middle}-${variant}${random.slice(1, 4)}-${random.slice(4)}`;
    },
  };
}
