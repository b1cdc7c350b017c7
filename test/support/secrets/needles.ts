/** Something that must not be found; `name` says what it is without showing it. */
export interface Needle {
  readonly name: string;
  readonly value: string;
}

interface Pattern {
  readonly name: string;
  readonly bytes: Buffer;
}

const SHORTEST_BYTES = 6;
const PREFIX_BYTES = 3;

/** Finds many needles in one pass, as they stand and in the encodings that software puts texts in. */
export class NeedleSearch {
  /** Which three bytes begin a pattern: almost every place of a large file is passed over by this. */
  private readonly begins = new Uint8Array(1 << 24);
  private readonly patterns = new Map<number, Pattern[]>();

  /** @throws Error for one so short that it would be found by chance */
  constructor(needles: readonly Needle[]) {
    if (needles.length === 0) throw new Error('nothing to look for');
    for (const { name, value } of needles) {
      if (Buffer.byteLength(value) < SHORTEST_BYTES) throw new Error(`too short to look for: ${name}`);
      for (const [encoding, bytes] of encodingsOf(value)) this.add({ name: `${name} (${encoding})`, bytes });
    }
  }

  /** @returns names of what is in there, each once */
  in(haystack: Buffer): string[] {
    const found = new Set<string>();
    for (let at = 0; at + PREFIX_BYTES <= haystack.length; at += 1) {
      const prefix = prefixOf(haystack, at);
      if (this.begins[prefix] === 0) continue;
      for (const { name, bytes } of this.patterns.get(prefix) ?? []) {
        if (haystack.compare(bytes, 0, bytes.length, at, Math.min(at + bytes.length, haystack.length)) === 0)
          found.add(name);
      }
    }
    return [...found].sort();
  }

  private add(pattern: Pattern): void {
    const prefix = prefixOf(pattern.bytes, 0);
    this.begins[prefix] = 1;
    this.patterns.set(prefix, [...(this.patterns.get(prefix) ?? []), pattern]);
  }
}

function prefixOf(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

function encodingsOf(value: string): (readonly [encoding: string, bytes: Buffer])[] {
  const bytes = Buffer.from(value);
  const escaped = JSON.stringify(value)
    .slice(1, -1)
    .replace(/[^\x20-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const all = [
    ['as it is', bytes],
    ['JSON escapes', Buffer.from(escaped)],
    ['percent-encoded', Buffer.from(encodeURIComponent(value))],
    ['hex', Buffer.from(bytes.toString('hex'))],
    ['UTF-16', Buffer.from(value, 'utf16le')],
    ...[0, 1, 2].map((shift) => [`base64, shifted by ${shift}`, base64At(bytes, shift)] as const),
  ] as const;
  const seen = new Set<string>();
  return all.filter(([, pattern]) => {
    const key = pattern.toString('hex');
    const isNew = !seen.has(key) && pattern.length >= SHORTEST_BYTES;
    seen.add(key);
    return isNew;
  });
}

/** How it looks inside a longer base64 text that begins `shift` bytes earlier: without the letters it shares. */
function base64At(bytes: Buffer, shift: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const shared = (shift + bytes.length) % 3 === 0 ? 0 : 1;
  return Buffer.from(text.slice([0, 2, 3][shift], text.length - shared));
}
