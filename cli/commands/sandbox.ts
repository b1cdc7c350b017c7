import { type Command } from 'commander';
import { errorCode } from '../../workers/local/errors';
import { addCommand, type App, define, type Outcome } from '../command';
import { type Session } from '../session';
import { type Parts, type RunningSandbox } from '../start/parts';
import { StopStack } from '../start/stop-stack';
import { sandboxSection } from '../start/supervise';
import { instant } from '../text';
import { stayUntilStopped } from './parts';

export function addSandboxCommands(app: App, program: Command): void {
  const summary = 'Run the simulated SAP Concur alone, or act as Concur in it';
  const group = define(app, program.command('sandbox').summary(summary).description(summary), {
    examples: ['sandbox', 'sandbox token 8f1c2d3e-…'],
    more: 'A simulation for development and tests, on this machine only. Nothing of it is SAP Concur.',
    run: (session) => runSandbox(session),
  });
  addCommand(app, group, {
    usage: 'token <company-uuid>',
    summary: 'Issue a request token for a company of the sandbox',
    examples: ['sandbox token 8f1c2d3e-…', 'sandbox token 8f1c2d3e-… | concordance token submit acme'],
    run: async (session, args) => {
      const issued = await session.sandbox.issueRequestToken(args.get('company-uuid'));
      return {
        data: issued,
        show: () => {
          session.output.line(issued.requestToken);
          session.note(`A token of the simulated Concur, valid until ${instant(issued.expiresAt)}.`);
        },
      };
    },
  });
}

async function runSandbox(session: Session): Promise<Outcome> {
  const { settings, context } = session;
  const stack = new StopStack(context.clock);
  return stayUntilStopped(session, stack, async (reporter) => {
    const parts = await context.loadParts();
    reporter.step('Sandbox: a simulation of SAP Concur …');
    const sandbox = await parts.startSandbox({ settings, log: { level: settings.LOG_LEVEL } });
    stack.push('the sandbox', sandbox);
    await note(parts, settings.DATA_DIR, sandbox, (line) => reporter.detail(line));
    return {
      sandbox: sandbox.url,
      sandbox2: sandbox.url2,
      CONCUR_AUTH_URL: sandbox.settings.CONCUR_AUTH_URL,
      CONCUR_ALLOWED_ORIGINS: sandbox.settings.CONCUR_ALLOWED_ORIGINS.join(','),
      CONCUR_CLIENT_ID: sandbox.settings.CONCUR_CLIENT_ID ?? '',
      CONCUR_CLIENT_SECRET: sandbox.settings.CONCUR_CLIENT_SECRET ?? '',
    };
  });
}

/** Only who holds the folder may write run.json: it is held for this moment, unless a `start` has it. */
async function note(
  parts: Parts,
  dataDir: string,
  sandbox: RunningSandbox,
  say: (line: string) => void,
): Promise<void> {
  try {
    const claim = await parts.claim(dataDir);
    claim.runFile.update({ sandbox: sandboxSection(sandbox) });
    claim.release();
  } catch (error) {
    if (errorCode(error) !== 'already-started') throw error;
    say(`A start runs on this DATA_DIR: set SANDBOX_PORT=${sandbox.port} for \`concordance sandbox token\`.`);
  }
}
