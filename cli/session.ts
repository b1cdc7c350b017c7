import { loadSettings, type Settings } from '../config';
import { ApiClient } from './api-client';
import { apiBase, apiKey, sandboxBase } from './api-address';
import { type CliContext } from './context';
import { Output, styleFor } from './output';
import { type Progress, startProgress } from './progress';
import { SandboxClient } from './sandbox-client';

export interface CommonOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** One run of one command: what it was told, and whom it speaks to. */
export class Session {
  /** Standard output, for people. */
  readonly output: Output;
  /** Standard error: notes and progress, so that standard output holds results only. */
  readonly notes: Output;
  private loaded: Settings | undefined;
  private client: ApiClient | undefined;

  constructor(
    readonly context: CliContext,
    readonly options: CommonOptions,
  ) {
    this.output = new Output(context.stdout, styleFor(context.stdout, context.env));
    this.notes = new Output(context.stderr, styleFor(context.stderr, context.env));
  }

  get json(): boolean {
    return this.options.json === true;
  }

  /** Read when first needed: help and wrong usage need no settings. @throws SettingsError */
  get settings(): Settings {
    this.loaded ??= loadSettings(this.context.env, this.context.folder);
    return this.loaded;
  }

  get api(): ApiClient {
    this.client ??= new ApiClient({ base: apiBase(this.settings), key: apiKey(this.settings) });
    return this.client;
  }

  get sandbox(): SandboxClient {
    return new SandboxClient(sandboxBase(this.settings));
  }

  note(text: string): void {
    this.notes.line(text);
  }

  progress(label: string, total: number): Progress {
    const { stderr, clock } = this.context;
    return startProgress({ label, total, stream: stderr, clock });
  }
}
