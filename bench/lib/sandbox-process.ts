import { type RunningSandbox, startSandbox } from '../../sandbox';
import { loginOf, personSections } from './people';
import { type Command, type CommandAnswer, type Reply, requestSchema } from './sandbox-protocol';

/** The simulated Concur in a process of its own, so that its work does not count as ours. */
async function main(): Promise<void> {
  const running = await startSandbox();
  process.on('message', (message: unknown) => send(reply(running, message)));
  // The bench ended, however it did: nothing of it may stay.
  process.on('disconnect', () => process.exit());
  const { authUrl, clientId, clientSecret } = running;
  send({ ready: { authUrl, clientId, clientSecret, origins: [...running.origins] } });
}

function send(message: Reply): void {
  process.send?.(message);
}

function reply(running: RunningSandbox, message: unknown): Reply {
  const { id, command } = requestSchema.parse(message);
  try {
    return { id, answer: answerTo(running, command) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function answerTo({ sandbox: { admin } }: RunningSandbox, command: Command): CommandAnswer {
  switch (command.kind) {
    case 'company': {
      const { companyUuid, travelConfigId } = command;
      admin.putCompany({ companyUuid, travelConfigIds: [travelConfigId], customFields: 'any' });
      return {};
    }
    case 'token':
      return { requestToken: admin.issueRequestToken(command.companyUuid).requestToken };
    case 'seed': {
      const { companyUuid, from, count, jobTitle } = command;
      for (let number = from; number < from + count; number += 1) {
        const sections = personSections(number, jobTitle);
        admin.seedProfile({ companyUuid, loginId: loginOf(companyUuid, number), sections });
      }
      return {};
    }
    case 'edit-all': {
      const profiles = admin.profiles(command.companyUuid);
      const sections = { general: { jobTitle: command.jobTitle } };
      for (const { uuid } of profiles) admin.editProfile(uuid, { sections });
      return { edited: profiles.length };
    }
    case 'census':
      return {
        profiles: admin.profiles(command.companyUuid).length,
        violations: admin.violations.map(({ kind, detail }) => `${kind}: ${detail}`),
      };
    case 'clear':
      admin.reset(['data', 'tokens', 'observations']);
      return {};
    case 'delay':
      admin.setFaults({
        rates: { '*': { slow: command.milliseconds > 0 ? 1 : 0 } },
        slowMs: command.milliseconds,
      });
      return {};
    case 'writes': {
      const written = admin.calls.filter((call) => call.function === 'profile-write' && call.status < 300);
      const writes = written.map(({ correlationId, login, at }) => ({
        id: correlationId,
        login: login ?? '',
        at: Date.parse(at),
      }));
      return { writes };
    }
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return { seconds: (user + system) / 1e6 };
    }
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: the simulated Concur could not start: ${String(error)}\n`);
  process.exit(1);
});
