import { TAGS } from './route-docs';

const TAG_WORDS: Readonly<Record<keyof typeof TAGS, string>> = {
  entities: 'Client companies that are kept in step, each with its own connection to Concur.',
  connection: 'Concur’s request token: the window it may be handed in, and handing it in.',
  travellers: 'The profiles. What is written here reaches Concur by itself.',
  migrations: 'The first synchronisation, planned, reviewed and approved before anything is written.',
  sync: 'Polling and publishing on demand.',
  push: 'Concur’s word that something changed. It needs no API key, and only makes the next poll come sooner.',
  trouble: 'What could not be synchronised, and what both sides had changed.',
  operations: 'How the whole fleet stands, what happened, and which commands are under way; calls to Concur.',
  keys: 'Who may call this API, and the keys that seal.',
  service: 'Health checks and Temporal’s payload codec.',
};

export const TAG_LIST = Object.entries(TAGS).map(([id, name]) => ({ name, description: wordsOf(id) }));

function wordsOf(id: string): string {
  return Object.entries(TAG_WORDS).find(([tag]) => tag === id)?.[1] ?? '';
}

const SANDBOX_NOTE = `> **A sandbox is attached.** Concur is simulated on this machine; nothing here reaches SAP Concur.

`;

/** What the documentation begins with. */
export function apiDescription(simulation: boolean): string {
  return `${simulation ? SANDBOX_NOTE : ''}Keeps traveller profiles in step between your profile hub, SAP Concur and Amadeus CSX.

**Keys.** Send \`Authorization: Bearer <api key>\`. A key has exactly the scopes it was made with: \`read\`, \`write\`, \`admin\`, \`sensitive\`. Without \`sensitive\` document numbers show as \`••••1234\`; a masked value sent back leaves the stored one alone.

**Pending.** A write answers once it is committed. Actions answer 202 \`{requestId, pending}\`; \`pending: true\` means that Temporal or the worker is away right now and the command is delivered later, without your doing.

**Errors** are \`application/problem+json\` with a stable \`code\`, words that say what to do, and for 422 one entry per field in \`errors\`. They never hold values.

**Lists** answer \`{items, nextCursor}\` in order of ids; pass \`nextCursor\` as \`cursor\` for the next page.`;
}
