import { Command } from 'commander';
import { type App, examplesText } from './command';
import { addAgencyCommands } from './commands/agency';
import { addApiKeyCommands } from './commands/apikey';
import { addCallCommands } from './commands/calls';
import { addConflictCommands } from './commands/conflicts';
import { addDoctorCommand } from './commands/doctor';
import { addEntityCommands } from './commands/entity';
import { addEventCommands } from './commands/events';
import { addKeyCommands } from './commands/keys';
import { addMigrationCommands } from './commands/migration';
import { addPartCommands } from './commands/parts';
import { addQuarantineCommands } from './commands/quarantine';
import { addReconcileCommands } from './commands/reconcile';
import { addSandboxCommands } from './commands/sandbox';
import { addStartCommand } from './commands/start';
import { addStatusCommand } from './commands/status';
import { addSyncCommands } from './commands/sync';
import { addTokenCommands } from './commands/token';
import { addTravellerCommands } from './commands/traveller';
import { type CliContext } from './context';
import { EXIT } from './errors';
import { styleFor } from './output';

const DESCRIPTION =
  "Keeps traveller profiles in step between a TMC's profile hub and SAP Concur.\n" +
  'Every command but start, worker, api, sandbox and doctor speaks to a running API.';

const EXIT_CODES =
  'Exit codes: 0 done; 1 failed, standard error says what to do; 2 wrong usage;\n' +
  '3 done, but something needs attention.';

const HELP_WIDTH = 100;

/** The `concordance` command. @returns the program and the place where its outcome stands */
export function createProgram(context: CliContext): { readonly program: Command; readonly app: App } {
  const app: App = { context, exit: EXIT.done, session: undefined };
  const { bold } = styleFor(context.stderr, context.env);
  const program = new Command('concordance')
    .description(DESCRIPTION)
    .exitOverride()
    // `sandbox` has options of its own and a command below it with the same ones.
    .enablePositionalOptions()
    .showHelpAfterError('Run it with --help to see how it is used.')
    .configureHelp({ helpWidth: HELP_WIDTH, showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      outputError: (text, write) =>
        write(text.replace(/^error: (.*)/, (_all, words: string) => bold(sentence(words)))),
    })
    .addHelpText(
      'after',
      examplesText(['start --sandbox --demo', 'entity list --json', 'doctor'], EXIT_CODES),
    );
  addStartCommand(app, program);
  addPartCommands(app, program);
  addSandboxCommands(app, program);
  addDoctorCommand(app, program);
  addAgencyCommands(app, program);
  addEntityCommands(app, program);
  addTokenCommands(app, program);
  addMigrationCommands(app, program);
  addTravellerCommands(app, program);
  addSyncCommands(app, program);
  addReconcileCommands(app, program);
  addQuarantineCommands(app, program);
  addConflictCommands(app, program);
  addEventCommands(app, program);
  addCallCommands(app, program);
  addApiKeyCommands(app, program);
  addKeyCommands(app, program);
  addStatusCommand(app, program);
  return { program, app };
}

function sentence(words: string): string {
  const text = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
