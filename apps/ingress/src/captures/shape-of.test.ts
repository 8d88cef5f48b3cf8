import { expect, test } from 'vitest';
import { shapeOf } from './shape-of.ts';

const text = { event: 'message_created', message_type: 'outgoing', content: 'Seu pedido saiu.', conversation_id: 501 };
const shape = (payload: unknown, headers = ['Content-Type', 'X-Signature']) =>
  shapeOf(headers, Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)));

test.each<[string, unknown, string[]?]>([
  ['another text', { ...text, content: 'Oi, Ana!' }],
  ['another conversation', { ...text, conversation_id: 777 }],
  ['a number of more digits than JavaScript has', JSON.stringify(text).replace('501', '9007199254740993')],
  ['its keys in another order', Object.fromEntries(Object.entries(text).toReversed())],
  ['its header names in other letters', text, ['x-signature', 'content-type']],
])('%s does not change the shape', (_what, payload, headers) => {
  expect(shape(payload, headers)).toEqual(shape(text));
});

test.each<[string, unknown, string[]?]>([
  ['another word of the protocol', { ...text, event: 'message_updated' }],
  ['a field more', { ...text, private: false }],
  ['another type', { ...text, conversation_id: '501' }],
  ['null', { ...text, content: null }],
  ['a header more', text, ['Content-Type', 'X-Signature', 'X-Timestamp']],
  ['an array around it', [text]],
  ['no JSON', 'content=oi'],
])('%s does', (_what, payload, headers) => {
  expect(shape(payload, headers).shape).not.toBe(shape(text).shape);
});

test('a list has the shape of its elements, however many there are', () => {
  const card = { title: 'Plano A', price: 10 };
  expect(shape({ cards: [card] })).toEqual(shape({ cards: [card, { ...card, title: 'Plano B' }] }));
  expect(shape({ cards: [card] }).shape).not.toBe(shape({ cards: [card, { name: 'Plano B' }] }).shape);
});

test('the words are named, each with the place where it stands', () => {
  const payload = { ...text, attachments: [{ file_type: 'image', data_url: 'https://ex.br/a.png' }] };
  expect(shape(payload).words).toEqual([
    'attachments.[].file_type=image',
    'event=message_created',
    'message_type=outgoing',
  ]);
});

test('what a stranger writes costs no more than a little: depth, width and length of keys are bounded', () => {
  const deep = `${'{"k":'.repeat(400)}1${'}'.repeat(400)}`;
  const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`k${at}`, { a: 'x' }])));
  const long = JSON.stringify({ ['k'.repeat(500_000)]: { ['l'.repeat(500_000)]: 1 } });
  for (const body of [deep, wide, long]) expect(shape(body).shape).toMatch(/^[0-9a-f]{8}$/);
  // What lies deeper than 32 does not count.
  expect(shape(deep)).toEqual(shape(deep.replace('1', '"a text"')));
  expect(shape('{"k":{"k":1}}').shape).not.toBe(shape('{"k":{"k":"a text"}}').shape);
});
