import { Output, styleFor } from '../../../cli/output';
import { startProgress } from '../../../cli/progress';
import { cut, seconds, widthOf } from '../../../cli/text';
import { shortened } from '../../../cli/tour/migrate';
import { Captured, FakeClock } from './harness';

const plain = (stream: Captured) => new Output(stream, styleFor(stream, {}));

describe('output', () => {
  it('has colours only on a terminal, and not with NO_COLOR', () => {
    const terminal = new Captured(true);
    expect(styleFor(terminal, {}).bold('x')).toBe('\u001b[1mx\u001b[22m');
    expect(styleFor(terminal, { NO_COLOR: '1' }).bold('x')).toBe('x');
    expect(styleFor(terminal, { TERM: 'dumb' }).bold('x')).toBe('x');
    expect(styleFor(new Captured(false), {}).bold('x')).toBe('x');
  });

  it('aligns columns in any script, numbers to the right', () => {
    const stream = new Captured();
    plain(stream).table(
      [{ title: 'NAME' }, { title: 'N', align: 'right' }],
      [
        ['田中 花子', 7],
        ['Ångström', 12_345],
        [undefined, null],
      ],
    );
    const lines = stream.text.trimEnd().split('\n');
    expect(new Set(lines.map(widthOf)).size).toBe(1);
    expect(lines[2]).toBe('Ångström   12,345');
  });

  it('cuts by columns, not by characters', () => {
    expect(cut('田中花子', 5)).toBe('田中…');
    expect(widthOf('e\u0301')).toBe(1);
    expect([seconds(1_234), seconds(125_000)]).toEqual(['1.2 s', '2 min 05 s']);
  });

  it('shortens XML to what fits the terminal', () => {
    const xml = `<A>${'<B>text</B>'.repeat(100)}</A>`;
    const lines = shortened(xml);
    expect(lines.at(-1)).toMatch(/^… \d+ more lines$/);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(92);
  });
});

describe('progress', () => {
  it('writes plain lines elsewhere than on a terminal: start, now and then, end', () => {
    const stream = new Captured();
    const clock = new FakeClock();
    const progress = startProgress({ label: 'Publishing', total: 200, stream, clock });
    for (let done = 1; done <= 200; done += 1) {
      clock.ms += 25;
      progress.update(done);
    }
    progress.finish();
    progress.finish();
    expect(stream.text).toBe(
      [
        'Publishing     0/200',
        'Publishing    80/200  40/s  2.0 s',
        'Publishing   160/200  40/s  4.0 s',
        'Publishing   200/200  40/s  5.0 s',
        '',
      ].join('\n'),
    );
  });

  it('draws a bar with the rate on a terminal', () => {
    const stream = new Captured(true);
    const clock = new FakeClock();
    const progress = startProgress({ label: 'Publishing', total: 200, stream, clock });
    clock.ms = 4_000;
    progress.update(200);
    progress.finish();
    expect(stream.text).toContain('█');
    expect(stream.text).toContain('200/200  50/s  4.0 s');
  });
});
