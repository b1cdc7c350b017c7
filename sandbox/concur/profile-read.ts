import { encodeProfileRead } from '../../concur/xml';
import { type ProfileSections } from '../../profile';
import { authoriseProfiles, isReply } from './access';
import { type Call, errorReply, noteViolation, type Reply, xmlReply } from './call';
import { type Company } from './company';
import { withinScopes } from './scopes';
import { shownTelephones } from './telephones';
import { isProfileSections, itemsAt, scalarAt, textAt, treeAt, withField } from './tree';
import { type Item, type StoredProfile, type Tree, type Value } from './types';
import { type World } from './world';

/** `GET /api/travelprofile/v2.0/profile` */
export function readProfile(world: World, call: Call): Reply {
  const access = authoriseProfiles(world, call);
  if (isReply(access)) return access;
  const type = (call.query.get('userid_type') ?? '').toLowerCase();
  const value = call.query.get('userid_value') ?? '';
  if (!['login', 'xmlsyncid', 'uuid'].includes(type) || value === '') {
    noteViolation(
      world,
      call,
      'bad-query',
      'userid_type (login, xmlsyncid, uuid) and userid_value are required.',
    );
    return errorReply(world, 400, `Invalid User:${value}`);
  }
  const profile = findProfile(world, access.company, type, value);
  if (profile === undefined) return errorReply(world, 400, `Invalid User:${value}`);
  const { loginId, status, unknown } = profile;
  const sections = shownSections(world, access.company, profile, access.scopes);
  return xmlReply(200, encodeProfileRead({ loginId, status, sections, unknown }));
}

/** A company sees only its own profiles: another company's is as unknown as none. */
export function findProfile(
  world: World,
  company: Company,
  type: string,
  value: string,
): StoredProfile | undefined {
  const { store } = world;
  const found =
    type === 'login'
      ? store.profileByLogin(value)
      : type === 'uuid'
        ? store.profileByUuid(value)
        : store.profileBySyncId(company.companyUuid, value);
  return found?.companyUuid === company.companyUuid ? found : undefined;
}

/** What a read shows: read-only values added, normalised, without what the scopes do not cover. */
export function shownSections(
  world: World,
  company: Company,
  profile: StoredProfile,
  scopes: readonly string[],
): ProfileSections {
  const behaviour = world.behaviour(company);
  const general = treeAt(profile.sections, 'general');
  const added: Record<string, Value> = {
    hasOpenBooking: scalarAt(general, 'hasOpenBooking') ?? false,
    companyName: company.name,
    companyId: company.companyId,
    ...(company.agencyNumber === undefined ? {} : { agencyNumber: company.agencyNumber }),
    uuid: profile.uuid,
  };
  let sections: Tree = { ...profile.sections, general: { ...general, ...added } };
  const telephones = shownTelephones(itemsAt(sections, 'telephones'), behaviour);
  const roles = itemsAt(sections, 'roles').map((role) => shownRole(world, role));
  sections = withField(withField(sections, 'telephones', telephones), 'roles', roles);
  const shown = withinScopes(sections, scopes);
  if (!isProfileSections(shown)) throw new Error('A stored profile does not fit the table of elements.');
  return shown;
}

/** Name and e-mail address of a role are those of the person it names. */
function shownRole(world: World, role: Item): Item {
  const login = role['loginId'];
  const person = typeof login === 'string' ? world.store.profileByLogin(login) : undefined;
  if (person === undefined) return role;
  const general = treeAt(person.sections, 'general');
  const emails = itemsAt(person.sections, 'emailAddresses');
  const email = emails.find((each) => each['type'] === 'Business')?.['value'];
  return {
    ...role,
    firstName: textAt(general, 'firstName') ?? '',
    lastName: textAt(general, 'lastName') ?? '',
    ...(typeof email === 'string' ? { emailAddress: email } : {}),
  };
}
