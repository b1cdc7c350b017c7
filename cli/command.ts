import { type Command } from 'commander';
import { type CliContext } from './context';
import { EXIT, type ExitCode } from './errors';
import { writeJson } from './output';
import { type CommonOptions, Session } from './session';

/** What a command found or did. */
export interface Outcome {
  /** Printed alone with `--json`; undefined: the command has written its JSON itself. */
  readonly data: unknown;
  show(): void;
  /** Absent: done. */
  readonly exit?: ExitCode;
}

/** The positional arguments of a call, by their names. */
export class Arguments {
  constructor(private readonly command: Command) {}

  get(name: string): string {
    const value = this.find(name);
    if (value === undefined) throw new Error(`the command has no argument ${name}`);
    return value;
  }

  find(name: string): string | undefined {
    const value = this.value(name);
    return typeof value === 'string' ? value : undefined;
  }

  all(name: string): readonly string[] {
    const value = this.value(name);
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  }

  private value(name: string): unknown {
    const index = this.command.registeredArguments.findIndex((argument) => argument.name() === name);
    const values: readonly unknown[] = this.command.processedArgs;
    return values[index];
  }
}

export interface CommandSpec<O extends object> {
  /** Name and arguments, e.g. `show <id> [n]`. */
  readonly usage: string;
  readonly summary: string;
  /** Without `concordance`, e.g. `entity show acme`. */
  readonly examples: readonly string[];
  readonly more?: string;
  /** Adds options and argument descriptions. */
  configure?(command: Command): Command;
  run(session: Session, args: Arguments, options: O & CommonOptions): Promise<Outcome>;
}

/** What the commands are hung into. */
export interface App {
  readonly context: CliContext;
  /** Exit code of the command that ran. */
  exit: ExitCode;
  session: Session | undefined;
}

export function examplesText(examples: readonly string[], more?: string): string {
  const lines = examples.map((example) => `  $ concordance ${example}`);
  const title = lines.length === 1 ? 'Example:' : 'Examples:';
  return `\n${title}\n${lines.join('\n')}${more === undefined ? '' : `\n\n${more}`}`;
}

/** Adds a command below `parent`, with `--json` and `--verbose`, an example, and one way to end. */
export function addCommand<O extends object>(app: App, parent: Command, spec: CommandSpec<O>): Command {
  const command = parent.command(spec.usage).summary(spec.summary).description(spec.summary);
  return define(app, command, spec);
}

/** The same for a command that exists already, e.g. a group that does something by itself. */
export function define<O extends object>(
  app: App,
  command: Command,
  spec: Omit<CommandSpec<O>, 'usage' | 'summary'>,
): Command {
  spec.configure?.(command);
  return command
    .option('--json', 'print JSON and nothing else on standard output')
    .option('--verbose', 'show where an unexpected failure came from')
    .addHelpText('after', examplesText(spec.examples, spec.more))
    .action(async () => {
      const options = command.opts<O & CommonOptions>();
      const session = new Session(app.context, options);
      app.session = session;
      const outcome = await spec.run(session, new Arguments(command), options);
      if (!session.json) outcome.show();
      else if (outcome.data !== undefined) writeJson(app.context.stdout, outcome.data);
      app.exit = outcome.exit ?? EXIT.done;
    });
}

/** A command that only holds others. */
export function addGroup(
  parent: Command,
  name: string,
  summary: string,
  examples: readonly string[],
): Command {
  return parent
    .command(name)
    .summary(summary)
    .description(summary)
    .addHelpText('after', examplesText(examples));
}

export interface WaitOption {
  readonly wait: boolean;
}

/** For commands that start work. */
export function withWait(command: Command): Command {
  return command.option('--no-wait', 'do not wait for the end of what was started');
}
