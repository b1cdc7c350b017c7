// PGlite in a thread of its own. Jest runs tests in a VM without dynamic import(), which PGlite needs; and
// the database computes beside the test instead of in its event loop.
import { parentPort } from 'node:worker_threads';
import { PGlite, types } from '@electric-sql/pglite';

// Values travel as PostgreSQL's text: the test's side parses them as it does those of a real server.
const asText = Object.fromEntries(Object.values(types).map((oid) => [oid, (text) => text]));
const database = new PGlite({ parsers: asText });

async function answer({ text, values }) {
  try {
    const { rows, fields, affectedRows } = await database.query(text, values, { rowMode: 'array' });
    return { rows, fields, affectedRows };
  } catch (error) {
    const { message, code, constraint, detail } = error;
    return { error: { message, code, constraint, detail } };
  }
}

parentPort.on('message', (query) => {
  // As JSON: cloned objects would belong to another realm than the test's.
  void answer(query).then((result) => parentPort.postMessage(JSON.stringify(result)));
});
