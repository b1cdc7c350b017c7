import { CliError } from '../errors';
import { DEMO, type Tour, type Voice } from './scene';

export interface OneToOne {
  readonly travellers: number;
  readonly concurUuids: number;
  readonly profiles: number;
  /** Profiles in Concur that no traveller of the hub is bound to. */
  readonly unknownProfiles: number;
}

/** Each traveller has its own Concur UUID, and Concur has no profile that the hub does not know. */
export async function checkOneToOne({ api, sandbox }: Tour, voice: Voice): Promise<OneToOne> {
  voice.begin('One to one');
  const travellers = await api.travellers(DEMO.entityId);
  const bound = travellers.flatMap(({ concurUuid }) =>
    concurUuid === undefined || concurUuid === null ? [] : [concurUuid],
  );
  const uuids = new Set(bound);
  const profiles = await sandbox.profiles(DEMO.companyUuid);
  const found = {
    travellers: travellers.length,
    concurUuids: uuids.size,
    profiles: profiles.length,
    unknownProfiles: profiles.filter(({ uuid }) => !uuids.has(uuid)).length,
  };
  voice.numbers([
    ['travellers in the hub', found.travellers],
    ['different Concur UUIDs among them', found.concurUuids],
    ['profiles in simulated Concur', found.profiles],
    ['profiles the hub does not know', found.unknownProfiles],
  ]);
  const holds =
    found.unknownProfiles === 0 &&
    found.travellers === found.concurUuids &&
    found.travellers === found.profiles;
  if (!holds) {
    throw new CliError(
      'not-one-to-one',
      'Hub and Concur are not one to one. ' +
        `\`concordance quarantine list --entity ${DEMO.entityId}\` shows what could not be published.`,
    );
  }
  voice.good('Each traveller has exactly one profile, and each profile exactly one traveller.');
  return found;
}
