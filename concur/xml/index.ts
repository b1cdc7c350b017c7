export { type CardDocument, decodeCards, encodeCardsRead, encodeCardsWrite } from './cards';
export {
  decodeProfile,
  decodeProfileWrite,
  type DecodedProfileWrite,
  encodeProfileRead,
  encodeProfileWrite,
} from './profile';
export { decodeProfileV1 } from './version-1';
export { encodeProfileReadV1 } from './version-1-encode';
export { isClearable } from './encode';
export { decodeOutcome, encodeError, encodeOutcome, type ErrorContent, type Outcome } from './outcome';
export {
  type DecodedSummaryPage,
  decodeSummaryPage,
  encodeSummaryPage,
  parseConcurTime,
  type SummaryPageContent,
  toWholeSeconds,
} from './summary';
export {
  attributeNamed,
  childNamed,
  childrenOf,
  element,
  localName,
  parseDocument,
  parseRoots,
  textOf,
  toDocument,
  type XmlAttribute,
  type XmlElement,
} from './tree';
export { ConcurUnreadable, ConcurUnwritable, isConcurUnreadable, isConcurUnwritable } from '../errors';
