import { describe, expect, test } from 'vitest';
import { toJSONSchema, type ZodType } from 'zod';
import { channelMessageSchema } from './channel-message.ts';
import { deadLetterHeaders, deadLetterHeadersSchema } from './dead-letter.ts';
import { channelIdSchema, connectionIdSchema } from './ids.ts';
import { inboundEventSchema } from './inbound-event.ts';
import { sendCommandSchema } from './send-command.ts';
import { sendResultSchema } from './send-result.ts';
import { topicTable } from './topics.ts';

const event = {
  id: '01JDCQ3Q6N8Z9W0T5R4E3W2Q1A-0',
  redeliveryKey: 'k',
  connection: 'acme',
  conversation: { id: '501' },
  contact: { id: 'cliente-77', name: 'Ana Souza' },
  author: { kind: 'bot' },
  message: { kind: 'text', text: 'oi' },
  verified: true,
  receivedAt: '2026-11-23T12:00:00.000Z',
  raw: { content: 'oi' },
};
const { raw: _raw, ...eventWithoutRaw } = event;
const command = {
  id: 'c-1',
  connection: 'acme',
  conversation: { id: '501' },
  contact: { id: 'cliente-77' },
  message: { kind: 'text', text: 'oi' },
};
const result = {
  commandId: 'c-1',
  connection: 'acme',
  conversation: { id: '501' },
  outcome: 'sent',
  attempts: 1,
  status: 200,
  at: '2026-11-23T12:00:00.000Z',
};
const deadLetter = {
  [deadLetterHeaders.topic]: 'nicochat.send-commands.v1',
  [deadLetterHeaders.partition]: '3',
  [deadLetterHeaders.offset]: '12345678901234567890',
  [deadLetterHeaders.stage]: 'outbound',
  [deadLetterHeaders.reason]: 'rejected',
  [deadLetterHeaders.error]: '',
  [deadLetterHeaders.attempts]: '1',
  [deadLetterHeaders.firstFailedAt]: '2026-11-23T12:00:00.000Z',
  [deadLetterHeaders.replays]: '0',
};
const message = { ...event, channel: 'room-501', route: 'rooms', duplicateSuspected: true };
const media = (url: unknown) => ({ ...command, message: { kind: 'image', url } });

describe.each<[string, ZodType, object]>([
  ['inbound event', inboundEventSchema, event],
  ['channel message', channelMessageSchema, message],
  ['send command', sendCommandSchema, command],
  ['send result', sendResultSchema, result],
  ["dead letter's headers", deadLetterHeadersSchema, deadLetter],
])('the schema of a %s', (_name, schema, sample) => {
  test('takes a sample as it is, and keeps what it does not know', () => {
    expect(schema.parse(sample)).toEqual(sample);
    expect(schema.parse({ ...sample, later: { x: 1 } })).toEqual({ ...sample, later: { x: 1 } });
  });

  test('has a JSON Schema that leaves room for unknown fields', () => {
    expect(toJSONSchema(schema)).toMatchObject({ type: 'object', additionalProperties: {} });
  });
});

test('what a schema does not know is kept within the parts too', () => {
  const nested = { ...event, message: { ...event.message, lang: 'pt' }, contact: { id: 'a', vip: true } };
  expect(inboundEventSchema.parse(nested)).toEqual(nested);
});

test.each<[string, ZodType, object]>([
  ['an event without raw', inboundEventSchema, eventWithoutRaw],
  ['an event of an eighth kind', inboundEventSchema, { ...event, message: { kind: 'sticker' } }],
  ['a text without text', inboundEventSchema, { ...event, message: { kind: 'text' } }],
  ['an event of a time without a zone', inboundEventSchema, { ...event, receivedAt: '2026-11-23T12:00:00' }],
  ['a message without a channel', channelMessageSchema, event],
  ['a command without an id', sendCommandSchema, { ...command, id: '' }],
  ['a command without a contact id', sendCommandSchema, { ...command, contact: { name: 'Ana' } }],
  ['a command with a numeric conversation id', sendCommandSchema, { ...command, conversation: { id: 501 } }],
  ['a command with an empty text', sendCommandSchema, { ...command, message: { kind: 'text', text: '' } }],
  ['a command with cards', sendCommandSchema, { ...command, message: { kind: 'cards', cards: [] } }],
  ['a medium by http', sendCommandSchema, media('http://ex.br/a.png')],
  ['a medium without an address', sendCommandSchema, media(undefined)],
  ['a result of an unknown outcome', sendResultSchema, { ...result, outcome: 'maybe' }],
  ['a dead letter without an offset', deadLetterHeadersSchema, { ...deadLetter, 'x-dead-letter-offset': 'x' }],
])('%s is refused', (_what, schema, value) => {
  expect(schema.safeParse(value).success).toBe(false);
});

test('a medium by https and a moment with an offset are taken', () => {
  expect(sendCommandSchema.safeParse(media('https://ex.br/a.png?x=1')).success).toBe(true);
  expect(sendCommandSchema.safeParse({ ...command, expiresAt: '2026-11-23T09:00:00-03:00' }).success).toBe(true);
});

test('the result of a command that could not be read may lack what the command lacked', () => {
  const { connection: _, conversation: __, ...bare } = { ...result, outcome: 'rejected' };
  expect(sendResultSchema.safeParse(bare).success).toBe(true);
});

test.each([
  [connectionIdSchema, ['acme', 'a-1', 'a'.repeat(63)], ['', 'Acme', 'a_b', 'a/b', 'a'.repeat(64), 'a\n']],
  [channelIdSchema, ['support', 'room-501', 'A.b_c-9', 'a'.repeat(128)], ['', 'a b', 'a/b', 'é', 'a'.repeat(129)]],
])('ids are of the documented letters and lengths', (schema, good, bad) => {
  for (const id of good) expect(schema.safeParse(id).success).toBe(true);
  for (const id of bad) expect(schema.safeParse(id).success).toBe(false);
});

test('the topics have the schemas of their values', () => {
  const samples = { inboundEvents: event, channelMessages: message, sendCommands: command, sendResults: result };
  for (const { kind, schema } of topicTable('nicochat')) {
    if (kind === 'deadLetters') expect(schema).toBeUndefined();
    else expect(schema?.safeParse(samples[kind]).success).toBe(true);
  }
});
