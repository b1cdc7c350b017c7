import { type ApiClient } from '../api-client';
import { type Clock, type TerminalStream } from '../context';
import { type Output } from '../output';
import { type Progress, startProgress } from '../progress';
import { type SandboxClient } from '../sandbox-client';
import { padLeft } from '../text';

/** The company of the tour. Its UUID is fixed, so that a second tour finds what the first has made. */
export const DEMO = {
  entityId: 'northwind-demo',
  name: 'Northwind Travel Demo AG',
  companyUuid: '0de70000-0000-4000-8000-00000000de70',
  companyId: 'SIM-NORTHWIND',
  travelConfigId: '1000',
  travellers: 200,
  ids: {
    outtaskId: '900001',
    companyId: 'SIM-NORTHWIND',
    siteId: 'SIM-SITE-1',
    vendorSiteIds: ['SIM-V-1', 'SIM-V-2'],
  },
} as const;

/** Whom the tour speaks to: the API and the sandbox, both over HTTP, as anybody could. */
export interface Tour {
  readonly api: ApiClient;
  readonly sandbox: SandboxClient;
  readonly clock: Clock;
  readonly output: Output;
  readonly stream: TerminalStream;
  readonly places: { readonly api: string; readonly temporalUi: string | undefined };
}

const INDENT = '    ';

/** Numbered scenes with what happens in them below each other. */
export class Voice {
  private scene = 0;

  constructor(private readonly tour: Pick<Tour, 'output' | 'stream' | 'clock'>) {}

  begin(title: string): void {
    this.scene += 1;
    this.tour.output.line();
    this.tour.output.line(`${padLeft(String(this.scene), 2)}  ${this.tour.output.style.bold(title)}`);
  }

  say(text: string): void {
    this.tour.output.line(`${INDENT}${text}`);
  }

  quiet(text: string): void {
    this.tour.output.line(`${INDENT}${this.tour.output.style.dim(text)}`);
  }

  good(text: string): void {
    this.tour.output.line(`${INDENT}${this.tour.output.style.green('✓')} ${text}`);
  }

  bad(text: string): void {
    this.tour.output.line(`${INDENT}${this.tour.output.style.yellow('!')} ${text}`);
  }

  /** Names and right-aligned numbers. */
  numbers(rows: readonly (readonly [label: string, value: number])[]): void {
    const texts = rows.map(([label, value]) => [label, value.toLocaleString('en-US')] as const);
    const label = Math.max(...texts.map(([text]) => text.length));
    const width = Math.max(...texts.map(([, text]) => text.length));
    for (const [name, text] of texts) this.say(`${name.padEnd(label)}  ${padLeft(text, width)}`);
  }

  progress(label: string, total: number): Progress {
    const { stream, clock } = this.tour;
    return startProgress({ label, total, stream, clock, indent: INDENT });
  }
}
