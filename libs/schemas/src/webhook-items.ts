import { rawNumberText } from './lossless-json.ts';
import { asList, asObject, ownValue } from './read-path.ts';

/** One message of a delivery: where it lies, from the inside outwards, and the part of the body that is its `raw`. */
export interface WebhookItem {
  item: unknown;
  envelopes: readonly unknown[];
  raw: unknown;
}

interface Group {
  elements: readonly unknown[];
  envelopes: readonly unknown[];
  envelopeBytes: number;
  wrap: (element: unknown) => unknown;
}

/** Beyond these a delivery is not taken apart, because each message carries its envelope along. */
export const maxItems = 1000;
export const maxRawBytes = 4 * 1024 * 1024;

/**
 * Takes a delivery apart: an array, `messages[]` and `entry[].messaging[]` hold several messages, anything else is one.
 * The `raw` of an array's element is the element; of the other two, the envelope with its list reduced to that element.
 * @returns undefined when taking it apart would blow it up beyond {@link maxItems} or {@link maxRawBytes}
 */
export function listItems(payload: unknown): WebhookItem[] | undefined {
  const items: WebhookItem[] = [];
  let bytes = 0;
  for (const body of Array.isArray(payload) ? (payload as unknown[]) : [payload]) {
    for (const { elements, envelopes, envelopeBytes, wrap } of groupsOf(body)) {
      bytes += elements.length * envelopeBytes;
      if (items.length + elements.length > maxItems || bytes > maxRawBytes) return undefined;
      for (const element of elements) items.push({ item: element, envelopes, raw: wrap(element) });
    }
  }
  return items;
}

function* groupsOf(body: unknown): Generator<Group> {
  const object = asObject(body);
  const messages = asList(ownValue(object, 'messages'));
  const entries = asList(ownValue(object, 'entry'));
  if (object !== undefined && messages !== undefined) {
    const wrap = (message: unknown) => ({ ...object, messages: [message] });
    yield { elements: messages, envelopes: [object], envelopeBytes: bytesOf({ ...object, messages: [] }), wrap };
  } else if (object !== undefined && entries?.some((entry) => asList(ownValue(entry, 'messaging')))) {
    yield* groupsOfEntries(object, entries);
  } else {
    yield { elements: [body], envelopes: [], envelopeBytes: 0, wrap: (element) => element };
  }
}

function* groupsOfEntries(body: object, entries: readonly unknown[]): Generator<Group> {
  const bodyBytes = bytesOf({ ...body, entry: [] });
  for (const entry of entries) {
    const messaging = asList(ownValue(entry, 'messaging'));
    if (messaging === undefined) {
      const wrap = (element: unknown) => ({ ...body, entry: [element] });
      yield { elements: [entry], envelopes: [body], envelopeBytes: bodyBytes, wrap };
      continue;
    }
    yield {
      elements: messaging,
      envelopes: [entry, body],
      envelopeBytes: bodyBytes + bytesOf({ ...(entry as object), messaging: [] }),
      wrap: (message) => ({ ...body, entry: [{ ...(entry as object), messaging: [message] }] }),
    };
  }
}

/** About how many bytes a value has as JSON, counted no further than just beyond {@link maxRawBytes}. Never recurses. */
export function bytesOf(value: unknown): number {
  const open: unknown[] = [value];
  let bytes = 0;
  while (open.length > 0 && bytes <= maxRawBytes) {
    const next = open.pop();
    if (typeof next === 'string') bytes += Buffer.byteLength(next) + 3;
    else if (typeof next !== 'object' || next === null) bytes += String(next).length + 1;
    else if (rawNumberText(next) !== undefined) bytes += String(rawNumberText(next)).length + 1;
    else {
      for (const key of Object.keys(next)) {
        bytes += Array.isArray(next) ? 0 : Buffer.byteLength(key) + 3;
        open.push(ownValue(next, key));
      }
      bytes += 3;
    }
  }
  return bytes;
}
