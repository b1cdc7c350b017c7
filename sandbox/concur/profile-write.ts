import { encodeOutcome } from '../../concur/xml';
import { type Access, authoriseProfiles, isReply } from './access';
import {
  type Call,
  errorReply,
  happening,
  noteViolation,
  type OutcomeMessage,
  type Reply,
  xmlReply,
} from './call';
import { checkCreate, newProfile } from './profile-create';
import { findProfile } from './profile-read';
import { checkSchema } from './schema-check';
import { splitByScopes } from './scopes';
import { TABLE } from './tree';
import { type StoredProfile } from './types';
import { type World } from './world';
import { type WriteContext } from './write-context';
import { readDocument, readOnlyElements, type WriteDocument } from './write-document';
import { applyChanges } from './write-sections';
import { parseXml, positionOf, type XmlElement, XmlViolation } from './xml-tree';

/** `POST /api/travelprofile/v2.0/profile` */
export function writeProfile(world: World, call: Call): Reply {
  const access = authoriseProfiles(world, call);
  if (isReply(access)) return access;
  const root = parseChecked(world, call);
  if ('status' in root) return root;
  const readOnly = readOnlyElements(root);
  if (readOnly.length > 0) return refuseReadOnly(world, call, readOnly);
  const document = readDocument(root);
  const { covered, outside } = splitByScopes(document.changes, access.scopes);
  if (outside.length > 0 && world.behaviour(access.company).missingScopeOnWrite === 'E001') {
    return errorReply(
      world,
      400,
      outside.map((field) => message('E001', field, `No access to this element: ${field}`)),
    );
  }
  const allowed = { ...document, changes: covered };
  return allowed.action === 'Create'
    ? create(world, call, access, allowed)
    : update(world, call, access, allowed);
}

/** The whole document is refused where it does not fit the schema (docs/concur.md §3, Writing). */
function parseChecked(world: World, call: Call): XmlElement | Reply {
  try {
    const root = parseXml(call.body);
    checkSchema(root);
    return root;
  } catch (error) {
    if (!(error instanceof XmlViolation)) throw error;
    const { line, column } = positionOf(call.body, error.at);
    noteViolation(world, call, 'schema', `(${line}, ${column}): ${error.reason}`);
    return errorReply(world, 400, `There is an error in XML document (${line}, ${column}).`);
  }
}

function refuseReadOnly(world: World, call: Call, paths: readonly string[]): Reply {
  for (const path of paths) noteViolation(world, call, 'read-only-element', path);
  return errorReply(
    world,
    400,
    paths.map((path) => message('E001', path, `Cannot update this element: ${path}`)),
  );
}

function message(code: string, field: string, text: string): OutcomeMessage {
  return { code, message: text, field };
}

function update(world: World, call: Call, access: Access, document: WriteDocument): Reply {
  const profile = findProfile(world, access.company, 'login', document.loginId);
  if (profile === undefined) return errorReply(world, 400, `Invalid User:${document.loginId}`);
  if (document.hasPassword)
    noteViolation(world, call, 'password-in-update', 'A password belongs to a create only.');
  return commit(world, call, access, document, profile);
}

function create(world: World, call: Call, access: Access, document: WriteDocument): Reply {
  const refusal = checkCreate(world, access.company, document);
  if (refusal !== undefined) return errorReply(world, 400, refusal);
  return commit(world, call, access, document, undefined);
}

function commit(
  world: World,
  call: Call,
  { company, scopes }: Access,
  document: WriteDocument,
  before: StoredProfile | undefined,
): Reply {
  const context: WriteContext = {
    behaviour: world.behaviour(company),
    company,
    ...(before === undefined ? {} : { profile: before }),
    colleague: (login) => findProfile(world, company, 'login', login),
    warnings: [],
    removals: [],
  };
  const base = before ?? newProfile(world, company, document.loginId);
  const sections = applyChanges(TABLE, base.sections, document.changes, '', context);
  if (document.southwestTickets) {
    const text = 'Southwest unused tickets are deprecated; the element was ignored.';
    context.warnings.push({ code: 'W022', field: 'SouthwestUnusedTickets', message: text });
    noteViolation(world, call, 'southwest-tickets', text);
  }
  if (before === undefined) {
    const lost = context.warnings.filter(({ field }) => NEEDED_TO_CREATE.includes(field));
    // A new profile cannot do without its names, so a refused name refuses the profile.
    if (lost.length > 0)
      return errorReply(
        world,
        400,
        lost.map((each) => ({ ...each, code: 'E111' })),
      );
  }
  const after = {
    ...base,
    sections,
    status: document.status ?? base.status,
    modifiedAt: world.clock.nowWholeSeconds(),
    sequence: world.store.nextSequence(),
  };
  world.store.putProfile(after);
  for (const removal of context.removals) {
    world.seen.cleared({ ...happening(world, call), kind: 'clear', uuid: after.uuid, ...removal });
  }
  const uuid = before === undefined && scopes.includes('TMCSP') ? after.uuid : undefined;
  return accepted(call, context, uuid);
}

const NEEDED_TO_CREATE: readonly string[] = [
  'General/FirstName',
  'General/LastName',
  'General/TravelConfigID',
];

function accepted(call: Call, { warnings }: WriteContext, uuid: string | undefined): Reply {
  const messages: readonly OutcomeMessage[] =
    warnings.length === 0
      ? [{ code: 'S001', message: 'Success, no errors or warnings reported' }]
      : warnings.map((each) => ({ ...each, correlationId: call.correlationId }));
  return xmlReply(
    200,
    encodeOutcome(messages, uuid),
    messages.map(({ code }) => code),
  );
}
