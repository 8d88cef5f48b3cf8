import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { inboundEventSchema } from './inbound-event.ts';
import { parseJson, stringifyJson } from './lossless-json.ts';
import { normalizeWebhook, type NormalizedEvent } from './normalize-webhook.ts';
import { sampleMessages } from './sample-messages.ts';
import { authorRules, directionRules, itemPaths, partPaths, type Path } from './webhook-paths.ts';
import { buildWebhookPayload } from './webhook-payloads.ts';

/** Every name that the normaliser looks for, and those that trip up code which looks names up carelessly. */
const tables = [...Object.values(itemPaths), ...Object.values(partPaths)] as readonly (readonly Path[])[];
const paths = tables.flat().map((path) => (typeof path === 'string' ? path : path.path));
const rulePaths = [...authorRules, ...directionRules].map(({ when }) => when.path);
const traps = ['messages', 'entry', 'messaging', '__proto__', 'constructor', 'toString', 'toJSON', 'length', 'rawJSON'];
const names = [...new Set([...paths, ...rulePaths].flatMap((path) => path.split('.')).concat(traps))].filter(Boolean);

/** Deliveries as they should be, as JSON texts. */
const context = { conversationId: '501', contactId: 'cliente-77', messageId: 'm-1', author: 'agent' } as const;
const sound = (['chatwoot', 'messenger', 'uchat'] as const).flatMap((shape) =>
  sampleMessages.map((message) => stringifyJson(buildWebhookPayload(shape, message, context))),
);

/** What is put into them. */
const numbers = ['0', '1', '-0', '1.0', '1e400', '9007199254740993', '1e-7', '-5'];
const others = ['null', 'true', '""', '"in"', '"incoming"', '"cards"', '"image"', '"\\ud800"', '[]', '{}', '[[]]'];
const lists = [`{"messages":[${sound[0]},${sound[9]},5]}`, `{"entry":[{"messaging":[${sound[7]}]},1.0]}`];
const part = fc.oneof(
  fc.constantFrom(...numbers, ...others),
  fc.constantFrom(...sound, ...lists),
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => JSON.stringify(text)),
);
interface Change {
  at: number;
  name: string;
  how: number;
  part: string;
}
const echo = '{"message_type":"incoming","content":"oi"}';
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(60),
  name: fc.constantFrom(...names),
  how: fc.nat(3),
  part,
});
const delivery = fc
  .record({ base: fc.constantFrom(...sound, ...lists, echo), changes: fc.array(change, { maxLength: 6 }) })
  .map(({ base, changes }) => stringifyJson(changes.reduce(applyChange, parseJson(`[${base}]`) as unknown[])[0]));

/** Puts the part somewhere in the tree: over a value, as a new field, as a new element. */
function applyChange(tree: unknown[], { at, name, how, part: text }: Change): unknown[] {
  const holders = allHolders(tree);
  const holder = holders[at % holders.length] as Record<string, unknown>;
  const keys = Object.keys(holder);
  const key = how > 0 || keys.length === 0 ? name : (keys[at % keys.length] ?? name);
  const value: unknown = parseJson(text);
  if (Array.isArray(holder)) holder.splice(at % (holder.length + 1), how % 2, value);
  else Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
  return tree;
}

function allHolders(of: unknown): object[] {
  if (typeof of !== 'object' || of === null || Object.isFrozen(of)) return [];
  return [of, ...Object.values(of).flatMap(allHolders)];
}

const receipt = { redeliveryKey: 'k', connection: 'acme', verified: true, receivedAt: '2026-11-23T12:00:00.000Z' };

function published({ index, ...event }: NormalizedEvent): string {
  return stringifyJson(inboundEventSchema.parse({ id: `x-${index}`, ...receipt, ...event }));
}

test('whatever comes is made into events that satisfy the schema, also once they were published and read', () => {
  const seen = new Set<string>();
  let echoed = 0;
  fc.assert(
    fc.property(delivery, (text) => {
      const { events, echoes } = normalizeWebhook(parseJson(text));
      echoed += echoes;
      for (const [index, event] of events.entries()) {
        expect(event.index).toBe(index);
        seen.add(event.message.kind);
        const read = inboundEventSchema.parse(parseJson(published(event)));
        expect(stringifyJson(read.message)).toBe(stringifyJson(event.message));
        expect(stringifyJson(read.raw)).toBe(stringifyJson(event.raw));
      }
    }),
    { numRuns: 3000 },
  );
  // The positive control: the deliveries above do reach every branch.
  const kinds = ['audio', 'buttons', 'cards', 'file', 'image', 'text', 'unknown', 'video'];
  expect([...seen].toSorted()).toEqual(kinds);
  expect(echoed).toBeGreaterThan(0);
});

test('what holds one message keeps its whole text as raw', () => {
  let kept = 0;
  fc.assert(
    fc.property(delivery, (text) => {
      const parsed = parseJson(text);
      const isList = Array.isArray(parsed) || /^\{.*"(messages|messaging)":/.test(text);
      if (isList) return;
      const { events, echoes } = normalizeWebhook(parsed);
      expect(events.length + echoes).toBeGreaterThan(0);
      for (const { raw } of events) expect(stringifyJson(raw)).toBe(text);
      kept += events.length;
    }),
    { numRuns: 2000 },
  );
  expect(kept).toBeGreaterThan(500);
});

test('any JSON value at all is taken', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const { events, echoes } = normalizeWebhook(value);
      expect(events.length + echoes).toBe(Array.isArray(value) ? value.length : 1);
      for (const event of events) published(event);
    }),
    { numRuns: 500 },
  );
});

test.each([
  [undefined],
  [Number.NaN],
  [10n],
  [() => 1],
  [new Date(0)],
  [Object.create({ content: 'of a prototype' }) as object],
])('what is no JSON (%s) is an unknown event', (value) => {
  expect(normalizeWebhook(value).events.map(({ message }) => message)).toEqual([{ kind: 'unknown' }]);
  expect(normalizeWebhook({ content: 'oi', other: value }).events[0]?.message.kind).toBe('text');
});

test('no depth is too much', () => {
  const eventsOf = (key: string, around: (inside: unknown) => object): number => {
    let value: unknown = 'x';
    for (let level = 0; level < 100_000; level += 1) value = around(value);
    return normalizeWebhook({ [key]: value, text: 'oi' }).events.length;
  };
  for (const key of ['other', 'message', 'messages', 'attachments', 'payload', 'content']) {
    expect(eventsOf(key, (inside) => [inside])).toBe(1);
    expect(eventsOf(key, (inside) => ({ [key]: inside }))).toBe(1);
  }
});
