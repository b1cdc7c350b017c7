import { type Entity } from '../api-types';
import { CliError } from '../errors';
import { instant } from '../text';
import { waitFor } from '../wait';
import { DEMO, type Tour, type Voice } from './scene';
import { tourTravellers } from './travellers';

/** As the hub's own systems would write: several at a time. */
const WRITERS = 8;
const CONNECT_WAIT = {
  everyMs: 100,
  limitMs: 120_000,
  message: 'The connection was not opened within two minutes.',
} as const;
const CONNECTED = new Set(['migrating', 'active']);
const NEEDS_TOKEN = new Set(['requested', 'awaiting-request-token', 'needs-reauthorisation']);

/** The company exists at Concur, and its entity in Concordance. */
export async function registerCompany({ api, sandbox }: Tour, voice: Voice): Promise<Entity> {
  voice.begin('A client company');
  await sandbox.putCompany({
    companyUuid: DEMO.companyUuid,
    name: DEMO.name,
    companyId: DEMO.companyId,
    travelConfigIds: [DEMO.travelConfigId],
  });
  voice.say(`Simulated Concur knows ${DEMO.name}, travel config ${DEMO.travelConfigId}.`);
  const { created, entity } = await api.addEntity({
    id: DEMO.entityId,
    name: DEMO.name,
    companyUuid: DEMO.companyUuid,
    travelConfigId: DEMO.travelConfigId,
    ids: DEMO.ids,
    strategy: 'publish',
  });
  voice.good(
    created
      ? `Entity ${entity.id} is added, strategy publish.`
      : `Entity ${entity.id} is there from an earlier tour.`,
  );
  if (['paused', 'offboarding', 'offboarded'].includes(entity.stage)) {
    throw new CliError(
      'wrong-stage',
      `${entity.id} is ${entity.stage}. ` +
        (entity.stage === 'paused'
          ? `Let it run again (concordance entity resume ${entity.id}), then start the tour anew.`
          : 'Start the tour with another DATA_DIR.'),
    );
  }
  return entity;
}

/** Every traveller is PUT: new ones are made, known ones stay as they are. */
export async function writeTravellers({ api }: Tour, voice: Voice): Promise<number> {
  voice.begin(`${DEMO.travellers} travellers in the hub`);
  const travellers = tourTravellers(DEMO.travellers);
  const bar = voice.progress('Writing', travellers.length);
  const queue = travellers.values();
  let done = 0;
  let made = 0;
  const write = async (): Promise<void> => {
    for (const { id, ...traveller } of queue) {
      if (await api.putTraveller(DEMO.entityId, id, traveller)) made += 1;
      done += 1;
      bar.update(done);
    }
  };
  try {
    await Promise.all(Array.from({ length: WRITERS }, write));
  } finally {
    bar.finish();
  }
  const names = [1, 4, 10, 11, 12, 13, 14, 15].map((index) => {
    const { general } = travellers[index] ?? {};
    return `${general?.firstName ?? ''} ${general?.lastName ?? ''}`;
  });
  voice.quiet(`Among them ${names.slice(0, 4).join(', ')},`);
  voice.quiet(`${names.slice(4).join(', ')}`);
  voice.good(
    made === 0 ? 'All were known from an earlier tour.' : `${made} new, ${travellers.length - made} known.`,
  );
  return made;
}

/** Window, request token, exchange (docs/concur.md §1). The token is never shown. */
export async function connect({ api, sandbox, clock }: Tour, voice: Voice): Promise<void> {
  voice.begin('The request token');
  const before = await api.entity(DEMO.entityId);
  if (CONNECTED.has(before.stage)) {
    voice.good('Connected already, from an earlier tour.');
    return;
  }
  if (NEEDS_TOKEN.has(before.stage)) {
    const { requestTokenExpiresAt } = await api.openWindow(DEMO.entityId);
    voice.say(
      (requestTokenExpiresAt ?? null) === null
        ? 'The window for the token is open.'
        : `The window for the token is open until ${instant(requestTokenExpiresAt)}.`,
    );
    const { requestToken } = await sandbox.issueRequestToken(DEMO.companyUuid);
    voice.say('Simulated Concur has issued a request token; it is handed in.');
    await api.submitToken(DEMO.entityId, requestToken);
  }
  const entity = await waitFor(clock, CONNECT_WAIT, async () => {
    const now = await api.entity(DEMO.entityId);
    return CONNECTED.has(now.stage) ? now : undefined;
  });
  const until = entity.refreshTokenExpiresAt;
  voice.good(
    `Exchanged. The refresh token ${(until ?? null) === null ? 'is' : `is valid until ${instant(until)} and`} renewed every day.`,
  );
}
