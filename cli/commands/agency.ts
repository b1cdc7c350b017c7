import { type Command } from 'commander';
import { type Agency } from '../api-types';
import { addCommand, addGroup, type App, type Outcome } from '../command';
import { type Session } from '../session';
import { AGENCY_HELP, agencyChangeOf } from './entity-change';

/** This release has one. */
const AGENCY = 'default';

export function addAgencyCommands(app: App, program: Command): void {
  const group = addGroup(program, 'agency', 'What new client companies begin with', ['agency show']);
  addCommand(app, group, {
    usage: 'show',
    summary: 'Show whether the interface to Concur and its polling are on',
    examples: ['agency show', 'agency show --json'],
    run: async (session) => shown(session, await session.api.agency(AGENCY)),
  });
  addCommand(app, group, {
    usage: 'set <key=value...>',
    summary: 'Change what new client companies begin with',
    examples: ['agency set interfaceOn=true pollingOn=true'],
    more: `${AGENCY_HELP}\nCompanies that exist keep their own: entity set <id> pollingOn=false`,
    run: async (session, args) =>
      shown(session, await session.api.patchAgency(AGENCY, agencyChangeOf(args.all('key=value')))),
  });
}

function shown(session: Session, agency: Agency): Outcome {
  return {
    data: agency,
    show: () => {
      session.output.heading(`${agency.name} (agency)`);
      session.output.pairs(
        [
          ['Interface to Concur', onOff(agency.interfaceOn)],
          ['Polling', onOff(agency.pollingOn)],
        ],
        '  ',
      );
      session.output.line('New client companies begin with this; those that exist keep their own.');
    },
  };
}

function onOff(on: boolean): string {
  return on ? 'on' : 'off';
}
