import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateXML } from 'xmllint-wasm';

/** A POST's schema, in words of its own beside the product's table (see the comment in the file). */
export type PostSchema = 'travel-profile-v2' | 'form-of-payment-v2';

const BATCH = 500;

export function schemaText(schema: PostSchema): string {
  return readFileSync(join(__dirname, 'schema', `${schema}.xsd`), 'utf8');
}

/**
 * What the schema has against each document, by libxml2; an empty list where it is valid.
 * @returns as many lists as documents, in their order
 */
export async function schemaFaults(schema: PostSchema, documents: readonly string[]): Promise<string[][]> {
  const faults: string[][] = documents.map(() => []);
  const contents = schemaText(schema);
  for (let from = 0; from < documents.length; from += BATCH) {
    const xml = documents
      .slice(from, from + BATCH)
      .map((document, index) => ({ fileName: `${from + index}.xml`, contents: document }));
    const result = await validateXML({ xml, schema: [{ fileName: `${schema}.xsd`, contents }] });
    let last: string[] | undefined;
    for (const { message, rawMessage } of result.errors) {
      const number = /^(\d+)\.xml/.exec(rawMessage)?.[1];
      // A malformed line is quoted below its fault, without the file's name.
      const of: string[] | undefined = number === undefined ? last : faults[Number(number)];
      if (of === undefined) throw new Error(`the validator itself failed: ${rawMessage}`);
      last = of;
      // The line that sums a document up is no fault of its own.
      if (!message.endsWith('fails to validate')) of.push(message);
    }
    if (!result.valid && result.errors.length === 0) throw new Error(`no verdict: ${result.rawOutput}`);
  }
  return faults;
}

/** The documents that are not valid, with what is wrong: an empty list is what a test hopes for. */
export async function invalidDocuments(
  schema: PostSchema,
  documents: readonly string[],
): Promise<{ readonly document: string; readonly faults: readonly string[] }[]> {
  const faults = await schemaFaults(schema, documents);
  return documents
    .map((document, index) => ({ document, faults: faults[index] ?? [] }))
    .filter((one) => one.faults.length > 0);
}
