import { autoSpreadSeconds } from '../../sync/model/poll-slots';

const MINUTE_MS = 60_000;
/** As the default settings have them. */
const MOST_DISTANCE = 15;
const USUAL_DISTANCE = 3;
/** A fleet so small is only tried. */
const TRIED = 100;
/** What a loop takes to be started, with all that is started beside it, on a machine that is busy. */
const START_MS_EACH = 40;
const START_MS = 20_000;

/** Minutes of the hour that lie ahead, and when the last poll of the last of them has its turn. */
export interface SlotPlan {
  readonly minutes: readonly number[];
  readonly spreadSeconds: number;
  readonly distanceMinutes: number;
  /** Milliseconds since the epoch; everything has to be started by then. */
  readonly firstAt: number;
  readonly lastTurnAt: number;
}

/**
 * So many slots, as near to each other as the spread allows; the turns of one are over before the next one comes.
 * @throws RangeError where they do not fit into three quarters of an hour: the hour before would still be polled for
 */
export function planSlots(entities: number, slots: number, now: number): SlotPlan {
  const spreadSeconds = autoSpreadSeconds(entities);
  const needed = Math.ceil(spreadSeconds / 60 + 0.5);
  const usual = entities <= TRIED ? 1 : USUAL_DISTANCE;
  const distanceMinutes = Math.min(MOST_DISTANCE, Math.max(usual, needed));
  if (slots * distanceMinutes > 45)
    throw new RangeError(`${slots} slots of ${distanceMinutes} minutes do not fit; take fewer.`);
  const ready = now + START_MS + entities * START_MS_EACH;
  const firstAt = Math.ceil(ready / MINUTE_MS) * MINUTE_MS;
  const at = Array.from({ length: slots }, (_none, slot) => firstAt + slot * distanceMinutes * MINUTE_MS);
  return {
    minutes: at.map((slot) => new Date(slot).getUTCMinutes()),
    spreadSeconds,
    distanceMinutes,
    firstAt,
    lastTurnAt: (at.at(-1) ?? firstAt) + spreadSeconds * 1_000,
  };
}
