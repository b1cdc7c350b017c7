import { type Command, Option } from 'commander';
import { type Entity } from '../api-types';
import { addCommand, addGroup, type App, type Outcome, type WaitOption, withWait } from '../command';
import { type Session } from '../session';
import { waitFor } from '../wait';
import { acceptedOutcome, noteIfPending } from './accepted';
import { caseText, missingForCase, missingNotes } from './entity-case';
import { CHANGE_HELP, changeOf } from './entity-change';
import { showEntities, showEntity } from './entity-view';

const STRATEGIES = ['publish', 'merge', 'import', 'none'] as const;

/** Settings of a new entity by the option that names them. */
interface AddOptions {
  readonly name: string;
  readonly companyUuid: string;
  readonly travelConfig: string;
  readonly strategy?: string;
  readonly caseOnly?: boolean;
  readonly outtaskId?: string;
  readonly companyId?: string;
  readonly siteId?: string;
  readonly vendorSiteId?: readonly string[];
  readonly set?: readonly string[];
}

export function addEntityCommands(app: App, program: Command): void {
  const group = addGroup(program, 'entity', 'The client companies that are kept in step', [
    'entity list',
    'entity show acme',
  ]);
  addCommand<AddOptions>(app, group, {
    usage: 'add <id>',
    summary: 'Add a client company and open the window for its request token',
    examples: [
      'entity add acme --name "Acme AG" --company-uuid 8f1c… --travel-config 1000 --strategy publish',
      'entity add acme --name "Acme AG" --company-uuid 8f1c… --travel-config 1000 --case-only',
    ],
    more: `The id: small letters, digits and dashes.\n\n${CHANGE_HELP}`,
    configure: (command) =>
      command
        .requiredOption('--name <name>', 'name of the company')
        .requiredOption('--company-uuid <uuid>', 'UUID of the company in Concur')
        .requiredOption('--travel-config <id>', 'travel configuration of the company')
        .addOption(new Option('--strategy <strategy>', 'first migration').choices(STRATEGIES))
        .option('--case-only', 'begin with the case with Concur; do not open the window yet')
        .option('--outtask-id <id>', "Concur's entity id (Outtask id)")
        .option('--company-id <id>', "Concur's company id")
        .option('--site-id <id>', 'site id of the managing TMC')
        .option('--vendor-site-id <id...>', 'vendor site ids of the managing TMC')
        .option('--set <key=value...>', 'any other setting, as `entity set` takes it'),
    run: async (session, args, options) => add(session, args.get('id'), options),
  });
  addCommand(app, group, {
    usage: 'list',
    summary: 'List the client companies',
    examples: ['entity list', 'entity list --json'],
    run: async (session) => {
      const entities = await session.api.entities();
      return { data: entities, show: () => showEntities(session.output, entities) };
    },
  });
  addCommand(app, group, {
    usage: 'show <id>',
    summary: 'Show how a client company stands',
    examples: ['entity show acme'],
    run: async (session, args) => shown(session, await session.api.entity(args.get('id'))),
  });
  addCommand(app, group, {
    usage: 'set <id> <key=value...>',
    summary: 'Change settings of a client company',
    examples: [
      'entity set acme strategy=merge',
      'entity set acme conflictRule.sections.telephones=concur-owned',
      'entity set acme preparation=case',
    ],
    more: CHANGE_HELP,
    run: async (session, args) => {
      const change = changeOf(args.all('key=value'));
      return shown(session, await session.api.patchEntity(args.get('id'), change));
    },
  });
  addStageCommands(app, group);
  addCommand(app, group, {
    usage: 'case <id>',
    summary: 'Print the case to open with Concur',
    examples: ['entity case acme'],
    run: async (session, args) => {
      const entity = await session.api.entity(args.get('id'));
      const { settings } = session;
      const application = settings.CONCUR_APPLICATION_NAME;
      const written = caseText(entity, { application, supportHours: settings.SUPPORT_HOURS });
      const missing = missingForCase(entity, application);
      for (const note of missingNotes(entity.id, missing)) session.note(note);
      return {
        data: { ...written, missing: missing.map(({ key }) => key) },
        show: () => {
          session.output.line(`Subject: ${written.subject}`);
          session.output.line();
          session.output.line(written.body);
        },
      };
    },
  });
}

async function add(session: Session, id: string, options: AddOptions): Promise<Outcome> {
  const change = changeOf(options.set ?? []);
  const given = change['ids'];
  const ids = {
    ...(typeof given === 'object' ? given : {}),
    ...(options.outtaskId === undefined ? {} : { outtaskId: options.outtaskId }),
    ...(options.companyId === undefined ? {} : { companyId: options.companyId }),
    ...(options.siteId === undefined ? {} : { siteId: options.siteId }),
    ...(options.vendorSiteId === undefined ? {} : { vendorSiteIds: options.vendorSiteId }),
  };
  const { created, entity } = await session.api.addEntity({
    ...change,
    id,
    name: options.name,
    companyUuid: options.companyUuid,
    travelConfigId: options.travelConfig,
    ...(Object.keys(ids).length === 0 ? {} : { ids }),
    ...(options.strategy === undefined ? {} : { strategy: options.strategy }),
    ...(options.caseOnly === true ? { caseOnly: true } : {}),
  });
  return {
    data: entity,
    show: () => {
      session.output.line(created ? `Added ${id}.` : `${id} was there already, with the same settings.`);
      showEntity(session.output, entity);
    },
  };
}

function shown(session: Session, entity: Entity): Outcome {
  return { data: entity, show: () => showEntity(session.output, entity) };
}

interface StageCommand {
  readonly name: 'pause' | 'resume' | 'offboard';
  readonly summary: string;
  readonly done: string;
  reached(entity: Entity): boolean;
}

const STAGE_COMMANDS: readonly StageCommand[] = [
  {
    name: 'pause',
    summary: 'Stop both directions; the connection is kept alive',
    done: 'is paused',
    reached: ({ stage }) => stage === 'paused',
  },
  {
    name: 'resume',
    summary: 'Let both directions run again',
    done: 'was told to go on',
    reached: ({ stage }) => stage !== 'paused',
  },
  {
    name: 'offboard',
    summary: 'Take down the connection for good',
    done: 'is offboarded',
    reached: ({ stage }) => stage === 'offboarded',
  },
];

interface StageOptions extends WaitOption {
  readonly erase?: boolean;
}

const STAGE_WAIT = { everyMs: 300, limitMs: 120_000 } as const;

function addStageCommands(app: App, group: Command): void {
  for (const each of STAGE_COMMANDS) {
    const isOffboard = each.name === 'offboard';
    addCommand<StageOptions>(app, group, {
      usage: `${each.name} <id>`,
      summary: each.summary,
      examples: [`entity ${each.name} acme`, ...(isOffboard ? ['entity offboard acme --erase'] : [])],
      configure: (command) => {
        if (isOffboard) command.option('--erase', "also destroy the company's data and its key");
        return withWait(command);
      },
      run: async (session, args, options) => changeStage(session, args.get('id'), each, options),
    });
  }
}

async function changeStage(
  session: Session,
  id: string,
  command: StageCommand,
  { wait, erase }: StageOptions,
): Promise<Outcome> {
  const body = command.name === 'offboard' ? { erase: erase === true } : {};
  const accepted = await session.api.act(id, command.name, body);
  if (!wait) return acceptedOutcome(session, accepted, `concordance entity show ${id}`);
  noteIfPending(session, accepted);
  const entity = await waitFor(
    session.context.clock,
    {
      ...STAGE_WAIT,
      message: `${id} is not there yet, but it goes on by itself: concordance entity show ${id}`,
    },
    async () => {
      const now = await session.api.entity(id);
      return command.reached(now) ? now : undefined;
    },
  );
  return {
    data: entity,
    show: () => {
      session.output.line(`${id} ${command.done}.`);
      showEntity(session.output, entity);
    },
  };
}
