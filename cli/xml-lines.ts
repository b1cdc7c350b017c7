const INDENT = '  ';

/** An XML document with a line per element, to be read by people; the text of an element is left as it is. */
export function indented(xml: string): string {
  let depth = 0;
  const lines = xml
    .trim()
    .split(/(?<=>)\s*(?=<)/)
    .map((part) => {
      if (part.startsWith('</')) depth -= 1;
      const line = INDENT.repeat(Math.max(0, depth)) + part;
      const opens = /^<[^/?!]/.test(part) && !part.includes('</') && !part.endsWith('/>');
      if (opens) depth += 1;
      return line;
    });
  return lines.join('\n');
}
