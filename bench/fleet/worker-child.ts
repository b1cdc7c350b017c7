import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BenchFailure } from '../lib/bench';
import { type Finished, type Message, messageSchema, type Order, type Progress } from './protocol';

const RUNNER = join(__dirname, '../../test/support/run-ts.mjs');
/** Longer than a worker lets running activities end. */
const GRACE_MS = 30_000;

/** The process of the fleet's worker as the soak sees it. */
export class WorkerChild {
  latest: Progress | undefined;
  /** RSS of every second. */
  readonly rssBytes: number[] = [];
  #finished: Finished | undefined;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message) => this.#take(messageSchema.parse(message)));
  }

  /** @throws BenchFailure when the process ends before its worker runs */
  static async start(order: Order): Promise<WorkerChild> {
    const child = fork(RUNNER, [join(__dirname, 'worker-process.ts')], { execArgv: [] });
    const worker = new WorkerChild(child);
    const ready = once(child, 'message');
    child.send(order);
    const ended = once(child, 'exit').then(() => {
      throw new BenchFailure('the worker ended before it ran');
    });
    await Promise.race([ready, ended]);
    return worker;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get #isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Throws when the process is gone. @throws BenchFailure */
  demandAlive(): void {
    if (this.#isOver) throw new BenchFailure(`the worker ended (${String(this.child.exitCode)})`);
  }

  /** Has the worker end and hand over what it measured. @throws BenchFailure when it ends without a word */
  async finish(): Promise<Finished> {
    this.demandAlive();
    this.child.send('stop');
    await this.#exit();
    if (this.#finished === undefined) throw new BenchFailure('the worker ended without a word');
    return this.#finished;
  }

  /** However far it was. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  async #exit(): Promise<void> {
    const exit = once(this.child, 'exit');
    if (this.#isOver) return;
    const late = pause(GRACE_MS, undefined, { ref: false }).then(() => this.child.kill('SIGKILL'));
    await Promise.race([exit, late.then(() => exit)]);
  }

  #take(message: Message): void {
    if (message.kind === 'ready') return;
    if (message.kind === 'finished') this.#finished = message;
    else this.latest = message;
    this.rssBytes.push(message.rssBytes);
  }
}
