import { encodeProfileReadV1 } from '../../concur/xml';
import { authoriseProfiles, isReply } from './access';
import { type Call, errorReply, noteViolation, type Reply, xmlReply } from './call';
import { findProfile, shownSections } from './profile-read';
import { summary } from './summary';
import { type World } from './world';

/** Parameters that v1's list knows. */
const LIST_PARAMETERS = ['lastmodifieddate', 'page', 'itemsperpage'];

/** `GET /api/travelprofile/v1.0/profile`: the list with `LastModifiedDate`, else one profile (docs/concur.md §5). */
export function version1(world: World, call: Call): Reply {
  if (call.method !== 'GET') {
    noteViolation(world, call, 'write-to-v1', 'Travel Profile v1 is only read.');
    return errorReply(world, 405, 'This version of the service cannot be written to.');
  }
  const names = [...call.query.keys()].map((name) => name.toLowerCase());
  return names.includes('lastmodifieddate') ? list(world, call) : profile(world, call);
}

function list(world: World, call: Call): Reply {
  const known = [...call.query].filter(([name]) => LIST_PARAMETERS.includes(name.toLowerCase()));
  return summary(world, { ...call, query: new URLSearchParams(known) }, { showsStatus: false });
}

function profile(world: World, call: Call): Reply {
  const access = authoriseProfiles(world, call);
  if (isReply(access)) return access;
  const type = (call.query.get('userid_type') ?? '').toLowerCase();
  const value = call.query.get('userid_value') ?? '';
  if (!['login', 'xmlsyncid'].includes(type) || value === '') {
    noteViolation(world, call, 'bad-query', 'userid_type (login, xmlsyncid) and userid_value are required.');
    return errorReply(world, 400, `Invalid User:${value}`);
  }
  const found = findProfile(world, access.company, type, value);
  if (found === undefined) return errorReply(world, 400, `Invalid User:${value}`);
  const { status, unknown, onlyInVersion1 = [] } = found;
  const sections = shownSections(world, access.company, found, access.scopes);
  const shown = { status, sections, unknown: [...unknown, ...onlyInVersion1] };
  return xmlReply(200, encodeProfileReadV1(shown, `SIM${found.sequence}`));
}
