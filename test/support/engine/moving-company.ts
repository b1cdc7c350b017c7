import { SteadyRandom } from '../../../cli/tour/random';
import { type EngineWorld } from './world';

type Kind = 'edits' | 'joins' | 'leaves' | 'renames';
const KINDS: readonly Kind[] = ['edits', 'edits', 'edits', 'joins', 'leaves', 'renames'];

/** People of a company in Concur, who change at moments that a seed decides. */
export class MovingCompany {
  readonly kinds: Record<Kind, number> = { edits: 0, joins: 0, leaves: 0, renames: 0 };
  private readonly random: SteadyRandom;
  private readonly uuids: string[] = [];

  constructor(
    private readonly world: Pick<EngineWorld, 'sandbox' | 'companyUuid' | 'clock'>,
    seed: number,
  ) {
    this.random = new SteadyRandom(seed);
  }

  get done(): number {
    return Object.values(this.kinds).reduce((sum, count) => sum + count, 0);
  }

  /** @param count of people, in the order of the list a second apart */
  people(count: number): void {
    for (let n = 0; n < count; n += 1) {
      this.world.clock.advance(1_000);
      this.joins();
    }
  }

  /** Called before a call: each is as likely as any other to have a change before it. */
  perhapsChange(calls: number, changes: number): void {
    this.world.clock.advance(20);
    // A little more often than needed, so that few are left for the end of the read.
    if (this.done < changes && this.random.next() < (1.1 * changes) / calls) this.change();
  }

  /** What of the changes had not happened by chance when the read was over. */
  rest(changes: number): void {
    while (this.done < changes) this.change();
  }

  private change(): void {
    const kind = KINDS[Math.floor(this.random.next() * KINDS.length)] ?? 'edits';
    this.kinds[kind] += 1;
    if (kind === 'joins') return this.joins();
    const uuid = this.uuids[Math.floor(this.random.next() * this.uuids.length)] ?? '';
    const word = `change ${this.done}`;
    const { admin } = this.world.sandbox;
    if (kind === 'edits') admin.editProfile(uuid, { sections: { general: { jobTitle: word } } });
    else if (kind === 'leaves') admin.editProfile(uuid, { status: 'inactive' });
    else admin.editProfile(uuid, { loginId: `renamed${this.done}@example.test` });
  }

  private joins(): void {
    const n = this.uuids.length + 1;
    const { sandbox, companyUuid } = this.world;
    const general = { firstName: 'Person', lastName: `Number ${n}`, travelConfigId: '4711' };
    const { uuid } = sandbox.admin.seedProfile({
      companyUuid,
      loginId: `person${n}@example.test`,
      sections: { general },
    });
    this.uuids.push(uuid);
  }

  /** Everybody in Concur: UUID, login, status and the content that changes. */
  truth(): string[] {
    const { sandbox, companyUuid } = this.world;
    return sandbox.admin
      .profiles(companyUuid)
      .map(({ uuid, loginId, status, sections }) => {
        const general: object = typeof sections['general'] === 'object' ? sections['general'] : {};
        return JSON.stringify([
          uuid,
          loginId,
          status,
          Reflect.get(general, 'lastName'),
          Reflect.get(general, 'jobTitle'),
        ]);
      })
      .sort();
  }
}
