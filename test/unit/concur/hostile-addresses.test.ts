import { isConcurError } from '../../../concur';
import { COMPANY_UUID, ELSEWHERE, ENTRY, HOME } from '../../support/concur/tokens';
import {
  aConcurWorld,
  aTokenAnswer,
  aTokenError,
  type ConcurWorld,
  GOOD_TOKEN,
} from '../../support/concur/world';

/** Addresses that are Concur's to a careless eye. None of them may ever be called. */
const HOSTILE: readonly string[] = [
  'https://evil.example',
  'http://us2.api.concursolutions.com',
  'https://us2.api.concursolutions.com.evil.example',
  'https://us2.api.concursolutions.com.evil.example/oauth2/v0/token',
  'https://evil.example/us2.api.concursolutions.com',
  'https://evil.example?.concursolutions.com',
  'https://evil.example#.concursolutions.com',
  'https://us2.api.concursolutions.com:8443',
  'https://us2.api.concursolutions.com:80/oauth2/v0/token',
  'https://us2.api.concursolutions.com@evil.example',
  'https://user:pw@us2.api.concursolutions.com',
  'https://us2.api.concursolutions.com:pw@evil.example',
  'https://us2.api.concursolutions.com.',
  'https://us2.api.concursolutions.com..',
  'https://us2.api.\u0441oncursolutions.com',
  'https://us2.api.concursolution\u0455.com',
  'https://us2.api.concursolutions.\u0441om',
  'https://xn--oncursolutions-mhl.com',
  'https://us2.api.xn--oncursolutions-mhl.com',
  'https://us2.api.concursolutions.com.xn--evil-1na.example',
  'https://us2.api.concursolutions.xn--om-nmc',
  'https://evil.example%2f.concursolutions.com',
  'https://evil.example%00.concursolutions.com',
  'https://evil%2eexample',
  'https://evil.example\u2044.concursolutions.com',
  'https://evil.example\u3002concursolutions.com',
  'https://us2.api.\uff43oncursolutions.com',
  'https://us2.api.concursolutions%2ecom',
  'https://evil.example\\.concursolutions.com',
  'https:\\\\us2.api.concursolutions.com',
  'https:/us2.api.concursolutions.com',
  'https:us2.api.concursolutions.com',
  '//evil.example',
  '//us2.api.concursolutions.com',
  'evil.example',
  'us2.api.concursolutions.com',
  'https://us2.api\t.concursolutions.com',
  'https://us2.api.concursolutions.com\n.evil.example',
  'https://evil.example\r\n.concursolutions.com',
  'https://concursolutions.com',
  'https://evilconcursolutions.com',
  'https://evil-concursolutions.com',
  'https://127.0.0.1',
  'https://2130706433',
  'https://0x7f000001',
  'https://0177.0.0.1',
  'https://[::1]',
  'https://[::ffff:127.0.0.1]',
  'https://169.254.169.254/latest/meta-data',
  'https://localhost',
  'javascript:alert(1)//.concursolutions.com',
  'data:text/html,.concursolutions.com',
  'file:///etc/passwd',
  'ftp://us2.api.concursolutions.com',
  'wss://us2.api.concursolutions.com',
  'blob:https://us2.api.concursolutions.com/1',
  'https://',
  'null',
  '[object Object]',
  'x'.repeat(100_000),
];

/** Written oddly, but Concur's: only the origin of it counts. */
const REDUCED: readonly (readonly [string, string])[] = [
  [`${ELSEWHERE}/oauth2/v0/token`, ELSEWHERE],
  [`${ELSEWHERE}/a/../b?x=https://evil.example#@evil.example`, ELSEWHERE],
  ['HTTPS://EU2.API.ConcurSolutions.COM:443', ELSEWHERE],
  [`  ${ELSEWHERE}\n`, ELSEWHERE],
];

/** All whom the client has called; the mock lets nobody else through. */
const called = (world: ConcurWorld): string[] => [...new Set(world.seen.map(({ origin }) => origin))];
const tried = (world: ConcurWorld): string[] => [...new Set(world.journal.map(({ origin }) => origin))];
const settled = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const exchange = (world: ConcurWorld) =>
  world.oauth.exchangeRequestToken({ companyUuid: COMPANY_UUID, requestToken: 'request-token-of-nobody' });

/** Concur as it should be everywhere, so that a call to the right place succeeds. */
function answerEverywhere(world: ConcurWorld, answer: Parameters<ConcurWorld['at']>[1]): void {
  for (const origin of [ENTRY, HOME, ELSEWHERE]) world.at(origin, answer);
}

describe.each(HOSTILE.map((address) => [address.slice(0, 80), address]))(
  'The address %j',
  (_shown, hostile) => {
    it('in the answer of an exchange is left out, and nothing is sent there', async () => {
      const world = aConcurWorld();
      answerEverywhere(world, () => aTokenAnswer(1, { geolocation: hostile }));
      const { grant, refusedGeolocation } = await exchange(world);
      expect([grant.geolocation, refusedGeolocation]).toEqual([undefined, true]);
      expect(tried(world)).toEqual([ENTRY]);
    });

    it('in the answer of a refresh keeps the tokens and stops the calls', async () => {
      const world = aConcurWorld();
      answerEverywhere(world, () => aTokenAnswer(2, { geolocation: hostile }));
      await expect(world.connection.accessToken()).rejects.toMatchObject({ code: 'geolocation-not-allowed' });
      expect(world.store.stored).toMatchObject({ geolocation: HOME, refreshToken: 'refresh-token-2' });
      expect(tried(world)).toEqual([HOME]);
    });

    it('in a refusal of code 16 is not followed', async () => {
      const world = aConcurWorld();
      world.at(ENTRY, () => aTokenError(16, { geolocation: hostile }));
      world.agent.disableNetConnect();
      await settled(exchange(world));
      expect(
        tried(world).filter((origin) => !/^https:\/\/[a-z0-9]+\.api\.concursolutions\.com$/.test(origin)),
      ).toEqual([]);
      expect(called(world)).toEqual([ENTRY]);
    });

    it('in the database already is refused before a token leaves', async () => {
      for (const stored of [{ geolocation: hostile }, { geolocation: hostile, ...GOOD_TOKEN }]) {
        const world = aConcurWorld({ stored });
        const errors = [
          await settled(world.profiles.readProfile({ type: 'login', value: 'one@example.test' })),
          await settled(world.connection.renew()),
          await settled(world.connection.revoke()),
        ];
        for (const error of errors) {
          expect(isConcurError(error) && error.name).toBe('NotAllowedOrigin');
          expect(String(error)).not.toContain('evil');
        }
        expect(called(world)).toEqual([]);
      }
    });
  },
);

describe('An address of Concur’s that is written oddly', () => {
  it.each(REDUCED)('%j is reduced to its origin', async (address, origin) => {
    const world = aConcurWorld();
    answerEverywhere(world, () => aTokenAnswer(1, { geolocation: address }));
    await expect(exchange(world)).resolves.toMatchObject({ grant: { geolocation: origin } });
    const moved = aConcurWorld();
    moved.at(ENTRY, () => aTokenError(16, { geolocation: address }));
    moved.at(ELSEWHERE, () => aTokenAnswer(1, { geolocation: undefined }));
    await settled(exchange(moved));
    expect(called(moved)).toEqual([ENTRY, ELSEWHERE]);
  });

  it.each(['', '   ', null, 7, {}, []])(
    '%j is no address, and the tokens stay where they are',
    async (geolocation) => {
      const world = aConcurWorld({ stored: { geolocation: HOME } });
      answerEverywhere(world, () => aTokenAnswer(2, { geolocation }));
      await expect(world.connection.accessToken()).resolves.toMatchObject({ origin: HOME });
    },
  );
});
