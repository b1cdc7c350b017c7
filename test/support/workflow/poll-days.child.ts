import { pollForDays } from './poll-days';

/** `poll-days.child.ts <days> <minute> …` in a process of its own, whose TZ is what the test wants. */
async function main(): Promise<void> {
  const [days = 1, ...minutes] = process.argv.slice(2).map(Number);
  const record = await pollForDays(days, minutes);
  const line = JSON.stringify({ offset: new Date().getTimezoneOffset(), record });
  // The time-skipping server and its runtime would keep the process alive.
  process.stdout.write(`${line}\n`, () => process.exit());
}

void main();
