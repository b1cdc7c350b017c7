import { type OutcomeMessage } from '../types';
import {
  childNamed,
  childrenOf,
  element,
  localName,
  parseRoots,
  sameName,
  textOf,
  toDocument,
  toXml,
  type XmlElement,
} from './tree';

const MESSAGE = 'TravelProfileResponseMessage';
const ERROR = 'Error';
const FIRST_ELEMENT = /<([A-Za-z_][\w:.-]*)/;
/** Documents that are what was asked for: a `Code` in them is nobody's outcome. */
const DATA_ROOTS: ReadonlySet<string> = new Set([
  'profileresponse',
  'connectresponse',
  'corporatefopresponse',
]);

/** What an answer says about a call (docs/concur.md §2, §3). */
export interface Outcome {
  /** True where the answer is an `Error` document. */
  readonly isError: boolean;
  /** Items with a code, in order, whatever element wraps them. */
  readonly messages: readonly OutcomeMessage[];
  /** Text of an `Error` whose `Message` is a plain text; may hold personal data. */
  readonly text?: string;
  /** UUID of a created profile. */
  readonly uuid?: string;
  /** `Id` of an `Error`: Concur's own reference. */
  readonly id?: string;
  readonly serverTime?: string;
}

/**
 * One outcome or several in a row, an `Error` with nested items or with a plain text.
 * @returns undefined where the text holds no such document
 * @throws ConcurUnreadable where the XML is cut off or malformed
 */
export function decodeOutcome(xml: string): Outcome | undefined {
  const [, first = ''] = FIRST_ELEMENT.exec(xml) ?? [];
  if (DATA_ROOTS.has(localName(first).toLowerCase())) return undefined;
  const roots = parseRoots(xml);
  const error = roots.find((root) => sameName(root.name, ERROR));
  const messages = roots.flatMap(messagesIn);
  if (error === undefined && messages.length === 0) return undefined;
  const text = error === undefined ? '' : childText(error, 'Message');
  const uuid = roots.map((root) => descendantText(root, 'UUID')).find((found) => found !== '');
  const id = error === undefined ? '' : childText(error, 'Id');
  const serverTime = error === undefined ? '' : childText(error, 'Server-Time');
  return {
    isError: error !== undefined,
    messages,
    ...(text === '' ? {} : { text }),
    ...(uuid === undefined ? {} : { uuid }),
    ...(id === '' ? {} : { id }),
    ...(serverTime === '' ? {} : { serverTime }),
  };
}

/** Items one after the other without a common root, as Concur shows several; one alone is a document. */
export function encodeOutcome(messages: readonly OutcomeMessage[], uuid?: string): string {
  const items = messages.map((message, index) => messageElement(message, index === 0 ? uuid : undefined));
  const [only, ...others] = items;
  return only !== undefined && others.length === 0 ? toDocument(only) : toXml(items, '');
}

export interface ErrorContent {
  /** Nested items, or a plain text. */
  readonly message: readonly OutcomeMessage[] | string;
  /** Name of the element that wraps an item. */
  readonly wrapper?: string;
  /** UTC, `YYYY-MM-DDThh:mm:ss`. */
  readonly serverTime: string;
  readonly id: string;
}

/** An `Error` document as Concur sends it with a 4xx or 5xx. */
export function encodeError(content: ErrorContent): string {
  const { message } = content;
  const inner =
    typeof message === 'string'
      ? [message]
      : message.map((item) => messageElement(item, undefined, content.wrapper));
  return toDocument(
    element(ERROR, [
      element('Message', inner),
      element('Server-Time', [content.serverTime]),
      element('Id', [content.id]),
    ]),
  );
}

function messageElement(message: OutcomeMessage, uuid?: string, wrapper = MESSAGE): XmlElement {
  const optional = (name: string, text: string | undefined): XmlElement[] =>
    text === undefined ? [] : [element(name, [text])];
  return element(wrapper, [
    element('Code', [message.code]),
    element('Message', [message.message]),
    ...optional('Field', message.field),
    ...optional('CorrelationId', message.correlationId),
    ...optional('UUID', uuid),
  ]);
}

/** Every element that has a `Code` is an item, because the wrappers' names vary by service. */
function messagesIn(of: XmlElement): OutcomeMessage[] {
  const code = childText(of, 'Code');
  if (code === '') return childrenOf(of).flatMap(messagesIn);
  const field = childText(of, 'Field');
  const correlationId = childText(of, 'CorrelationId');
  return [
    {
      code,
      message: childText(of, 'Message'),
      ...(field === '' ? {} : { field }),
      ...(correlationId === '' ? {} : { correlationId }),
    },
  ];
}

function childText(of: XmlElement, name: string): string {
  const child = childNamed(of, name);
  return child === undefined ? '' : textOf(child);
}

function descendantText(of: XmlElement, name: string): string {
  const own = childText(of, name);
  if (own !== '') return own;
  return (
    childrenOf(of)
      .map((child) => descendantText(child, name))
      .find((text) => text !== '') ?? ''
  );
}
