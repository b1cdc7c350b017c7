import { type JsonObject } from '../../hub/sections';
import { type ProfileStatus, SECTION_NAMES } from '../../profile';
import { defined } from '../paging';
import { invalidField } from '../problem';
import { type TravellerChangeJson } from '../schemas/traveller';

/** A write as it came in: schema checked, still masked, still partial. */
export interface IncomingTraveller {
  readonly id: string;
  readonly username?: string;
  readonly status?: ProfileStatus;
  /** Null: shall be bound to none. */
  readonly concurLoginId?: string | null;
  readonly sections: JsonObject;
}

/** The parts of a body that are written; read-only ones are left behind. */
export function incomingTraveller(id: string, body: TravellerChangeJson): IncomingTraveller {
  const sections = SECTION_NAMES.flatMap((name) =>
    body[name] === undefined ? [] : [[name, body[name]] as const],
  );
  const { username, status, concurLoginId } = body;
  return { id, ...defined({ username, status, concurLoginId }), sections: Object.fromEntries(sections) };
}

/** @throws Problem 422 when body and address name two travellers */
export function requireSameId(bodyId: string | undefined, id: string): void {
  if (bodyId !== undefined && bodyId !== id) {
    throw invalidField('id', 'id-mismatch', 'must be the id of the address');
  }
}
