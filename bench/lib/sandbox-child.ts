import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type AnswerTo,
  answerSchemas,
  type Command,
  type CommandInput,
  type Reply,
  replySchema,
  type SandboxAddress,
} from './sandbox-protocol';

const RUNNER = join(__dirname, '../../test/support/run-ts.mjs');
const GRACE_MS = 3_000;

type Waiting = (reply: Reply) => void;
type CommandOf<K extends Command['kind']> = Extract<CommandInput, { kind: K }>;

/** The simulated Concur as the bench sees it: an address to call and a way to its inside. */
export class SandboxChild {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #ended: Error | undefined;

  private constructor(
    child: ChildProcess,
    readonly address: SandboxAddress,
  ) {
    this.#process = child;
    child.on('message', (message) => this.#take(message));
    child.on('exit', (code) => this.#fail(new Error(`the simulated Concur ended (${code ?? 'signal'})`)));
  }

  /** @throws Error when the process ends before it listens */
  static async start(): Promise<SandboxChild> {
    // Without the parent's flags: neither its profiler nor its heap settings belong there.
    const child = fork(RUNNER, [join(__dirname, 'sandbox-process.ts')], { execArgv: [] });
    const first = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('the simulated Concur did not start'))),
    ]);
    const reply = replySchema.parse(first[0]);
    if (!('ready' in reply)) throw new Error('the simulated Concur answered before it was ready');
    return new SandboxChild(child, reply.ready);
  }

  /** @throws Error with the child's own words when it refuses, or when it is gone */
  async ask<K extends Command['kind']>(command: CommandOf<K> & { kind: K }): Promise<AnswerTo<K>> {
    if (this.#ended !== undefined) throw this.#ended;
    const id = (this.#next += 1);
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.send({ id, command });
    });
    if ('error' in reply) throw new Error(reply.error);
    if (!('answer' in reply)) throw new Error('the simulated Concur gave no answer');
    return parseAnswer(command.kind, reply.answer);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.disconnect();
    const late = pause(GRACE_MS, undefined, { ref: false }).then(() => this.#process.kill('SIGKILL'));
    await Promise.race([exit, late.then(() => exit)]);
  }

  #take(message: unknown): void {
    const reply = replySchema.parse(message);
    if ('ready' in reply) return;
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }

  #fail(error: Error): void {
    this.#ended = error;
    for (const [id, waiting] of this.#waiting) waiting({ id, error: error.message });
    this.#waiting.clear();
  }
}

function parseAnswer<K extends Command['kind']>(kind: K, answer: unknown): AnswerTo<K> {
  return answerSchemas[kind].parse(answer) as AnswerTo<K>;
}
