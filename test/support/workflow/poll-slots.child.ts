import { samplePollSlots } from './poll-slots';

/** `poll-slots.child.ts <seed>` in a process of its own, whose TZ is what the test wants. */
const slots = samplePollSlots(Number(process.argv[2]));
const january = new Date(Date.UTC(2026, 0, 1)).getTimezoneOffset();
process.stdout.write(`${JSON.stringify({ january, slots })}\n`);
