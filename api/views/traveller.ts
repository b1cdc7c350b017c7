import { type FieldNote, MASK, maskSections, type Traveller, type TravellerView } from '../../hub';
import { isoOrNull } from '../paging';
import { type TravellerJson } from '../schemas/traveller';

/** What a key may see of a traveller. */
export interface Sight {
  /** False: a key that only writes; it is not shown what others wrote. */
  readonly content: boolean;
  readonly sensitive: boolean;
}

export function travellerJson(view: TravellerView, sight: Sight): TravellerJson {
  const { traveller, sync } = view;
  const { id, username, status, sections, unknown } = traveller;
  const shown = sight.sensitive ? sections : maskSections(sections);
  return {
    id,
    username,
    status,
    concurLoginId: view.concurLoginId ?? null,
    concurUuid: view.concurUuid ?? null,
    ...(sight.content ? shown : {}),
    ...(sight.content && unknown.length > 0 ? { unknownElements: unknown.map(unknownJson(sight)) } : {}),
    sync: {
      state: sync.state,
      lastPublishedAt: isoOrNull(sync.lastPublishedAt),
      lastPulledAt: isoOrNull(sync.lastPulledAt),
      warnings: sync.warnings.map(warningJson),
    },
  };
}

/** Nobody knows what stands in them, so that every value counts as sensitive. */
function unknownJson({ sensitive }: Sight) {
  return ({ path, name, value }: Traveller['unknown'][number]) => ({
    path,
    name,
    value: sensitive ? value : MASK,
  });
}

function warningJson({ code, field, reason, correlationId, at }: FieldNote) {
  return { code, field, reason, correlationId: correlationId ?? null, at };
}
