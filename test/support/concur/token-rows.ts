import { KNOWN_BASES } from '../../../concur';
import { TOKEN_RULES, type TokenRule } from './contract-codes';
import { COMPANY_UUID, ENTRY, HOME } from './tokens';
import { aConcurWorld, aTokenAnswer, aTokenError, type ConcurWorld, type Reply } from './world';

/** One way in which the token endpoint fails. */
export interface TokenRow {
  readonly name: string;
  readonly rule: TokenRule;
  readonly code?: number;
  readonly fails: Reply | 'no answer in time' | 'connection lost';
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Every code, and what comes without one. */
export const TOKEN_ROWS: readonly TokenRow[] = [
  ...[...TOKEN_RULES].map(([code, rule]) => ({ name: `code ${code}`, rule, code, fails: aTokenError(code) })),
  { name: 'HTTP 500', rule: 'again by itself', fails: { status: 500, body: 'Runtime Error' } },
  { name: 'HTTP 502', rule: 'again by itself', fails: { status: 502, body: '<html>' } },
  {
    name: 'HTTP 503',
    rule: 'again by itself',
    fails: { status: 503, body: '{"code":108}', headers: JSON_TYPE },
  },
  { name: 'HTTP 429', rule: 'again by itself', fails: { status: 429, headers: { 'retry-after': '30' } } },
  { name: 'no answer in time', rule: 'again by itself', fails: 'no answer in time' },
  { name: 'connection lost', rule: 'again by itself', fails: 'connection lost' },
  { name: 'code 999', rule: 'nobody knows', fails: aTokenError(999) },
];

/** What is asked of the token endpoint. */
export type TokenAct = 'exchange' | 'renewal';

export interface TokenWorld {
  readonly world: ConcurWorld;
  /** From now on Concur gives out tokens. */
  mend(): void;
}

/** The real client; every data centre fails as the row says, until it is mended. */
export function aTokenWorld(row: TokenRow): TokenWorld {
  const world = aConcurWorld({ timeoutMs: 50 });
  let answers = 0;
  if (typeof row.fails !== 'string') {
    const fails = row.fails;
    let mended = false;
    for (const origin of new Set([ENTRY, HOME, ...KNOWN_BASES])) {
      world.at(origin, () => (mended ? aTokenAnswer((answers += 1), { geolocation: HOME }) : fails));
    }
    return { world, mend: () => void (mended = true) };
  }
  for (const origin of [ENTRY, HOME]) {
    const call = world.agent.get(origin).intercept({ path: () => true, method: 'POST' });
    if (row.fails === 'no answer in time') call.reply(200, '').delay(5_000);
    else call.replyWithError(Object.assign(new Error('lost'), { code: 'ECONNRESET' }));
  }
  return {
    world,
    mend: () => {
      for (const origin of [ENTRY, HOME]) world.at(origin, () => aTokenAnswer((answers += 1)));
    },
  };
}

/** The failure of the real chain: form, transport, answer, class. */
export async function tokenFailure({ world }: TokenWorld, act: TokenAct): Promise<unknown> {
  try {
    if (act === 'exchange') await world.connection.exchange(`request token of ${COMPANY_UUID}`);
    else await world.connection.renew();
  } catch (error) {
    return error;
  }
  throw new Error('Concur gave out a token');
}
