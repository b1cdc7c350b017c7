import { type OutcomeMessage } from './call';
import { type Company } from './company';
import { type StoredProfile } from './types';
import { type World } from './world';
import { type Changes, isChanges, type WriteDocument } from './write-document';

const SHORTEST_LOGIN = 3;
const FORBIDDEN_IN_LOGIN = /[+&'/]/;

/** Why a create is refused, in the contract's words (docs/concur.md §3, create errors). */
export function checkCreate(
  world: World,
  company: Company,
  document: WriteDocument,
): string | readonly OutcomeMessage[] | undefined {
  const { loginId } = document;
  if (loginId.length < SHORTEST_LOGIN) {
    return 'Could not create a new user because either Login Id is not specified or is less than three characters.';
  }
  if (FORBIDDEN_IN_LOGIN.test(loginId)) {
    const message = "The login id must not hold any of these characters: + & ' /";
    return [{ code: 'E111', message, field: 'LoginId' }];
  }
  if (world.store.profileByLogin(loginId) !== undefined) return `Login Id: "${loginId}" is already in use.`;
  if (!document.hasPassword && world.behaviour(company).passwordRequired) {
    return 'Could not create a new user without a Password.';
  }
  const general = isChanges(document.changes['general']) ? document.changes['general'] : {};
  if (!hasText(general, 'lastName')) return 'Could not create a new user without a Last Name.';
  if (!hasText(general, 'firstName')) return 'Could not create a new user without a First Name.';
  return checkTravelConfig(company, general);
}

function checkTravelConfig(company: Company, general: Changes): readonly OutcomeMessage[] | undefined {
  const field = 'General/TravelConfigID';
  if (!hasText(general, 'travelConfigId')) {
    return [{ code: 'E002', message: 'The TravelConfigID field is required.', field }];
  }
  const travelConfigId = general['travelConfigId'];
  if (typeof travelConfigId === 'string' && company.travelConfigIds.includes(travelConfigId))
    return undefined;
  return [{ code: 'EC4', message: 'The application is not configured for the travel configuration.', field }];
}

function hasText(changes: Changes, field: string): boolean {
  const value = changes[field];
  return typeof value === 'string' && value.trim() !== '';
}

/** A profile with ids and the default rule class, not yet stored. */
export function newProfile(world: World, company: Company, loginId: string): StoredProfile {
  const ruleClass = company.ruleClasses[0];
  return {
    uuid: world.random.uuid(),
    companyUuid: company.companyUuid,
    loginId,
    xmlProfileSyncId: `SIM${world.random.hex(12).toUpperCase()}`,
    status: 'active',
    sections: ruleClass === undefined ? {} : { general: { ruleClass } },
    unknown: [],
    modifiedAt: world.clock.nowWholeSeconds(),
    sequence: 0,
  };
}
