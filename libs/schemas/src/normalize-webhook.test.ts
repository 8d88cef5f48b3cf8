import { describe, expect, test } from 'vitest';
import { inboundEventSchema } from './inbound-event.ts';
import { parseJson, stringifyJson } from './lossless-json.ts';
import { normalizeWebhook, type NormalizedEvent } from './normalize-webhook.ts';
import { sampleMessages } from './sample-messages.ts';
import {
  buildWebhookPayload,
  webhookPayloadSchemas,
  type KnownMessage,
  type WebhookShape,
} from './webhook-payloads.ts';

const shapes: readonly WebhookShape[] = ['chatwoot', 'messenger', 'uchat'];
const context = { conversationId: '501', contactId: 'cliente-77', messageId: 'm-1', author: 'bot' } as const;

/** The one event of a delivery, checked against the schema of what is published. */
function only(payload: unknown): NormalizedEvent {
  const { events, echoes } = normalizeWebhook(payload);
  expect(events).toHaveLength(1);
  expect(echoes).toBe(0);
  const [event] = events;
  if (event === undefined) throw new Error('no event');
  const { index, ...rest } = event;
  const received = { id: `x-${index}`, redeliveryKey: 'k', verified: true, receivedAt: '2026-11-23T12:00:00.000Z' };
  inboundEventSchema.parse({ ...received, connection: 'acme', ...rest });
  return event;
}
const messageOf = (payload: unknown) => only(payload).message;

describe.each(shapes)('a delivery in the candidate shape %s', (shape) => {
  test.each(sampleMessages.map((message) => [message.kind, message] as const))('%s is recognised', (kind, message) => {
    const payload = buildWebhookPayload(shape, message, context);
    expect(webhookPayloadSchemas[shape][kind].safeParse(payload).error).toBeUndefined();
    const event = only(payload);
    expect(event.message).toEqual(message);
    expect(event.contact?.id).toBe('cliente-77');
    expect(event.messageId).toBe('m-1');
    expect(event.raw).toBe(payload);
  });
});

describe('what surrounds a message', () => {
  const text: KnownMessage = { kind: 'text', text: 'oi' };

  test.each([
    ['chatwoot', 'bot', { kind: 'bot', id: '9', name: 'Bot' }],
    ['chatwoot', 'agent', { kind: 'agent', id: '7', name: 'Agente' }],
    ['messenger', 'bot', { kind: 'unknown' }],
    ['messenger', 'agent', { kind: 'unknown' }],
    ['uchat', 'bot', { kind: 'bot' }],
    ['uchat', 'agent', { kind: 'agent', id: '7' }],
  ] as const)('in %s the author %s is read as %j', (shape, author, read) => {
    expect(only(buildWebhookPayload(shape, text, { ...context, author })).author).toEqual(read);
  });

  test('only Chatwoot has a conversation', () => {
    const ids = shapes.map((shape) => only(buildWebhookPayload(shape, text, context)).conversation?.id);
    expect(ids).toEqual(['501', undefined, undefined]);
  });

  test.each([
    [{ recipient: { id: 'a' }, contact: { id: 'b' } }, 'a'],
    [{ recipient: { id: '' }, contact: { id: null }, receiver: { id: 5 } }, '5'],
    [{ to: 'a', user_id: 'b' }, 'a'],
    [{ meta: { user_id: 'a', user_ns: 'b' } }, 'a'],
    [{ conversation: { contact_inbox: { source_id: 'a' }, meta: { sender: { id: 9 } } } }, 'a'],
    [{ conversation: { meta: { sender: { id: 9 } } } }, '9'],
    [{ sender: { id: 'a', type: 'contact' } }, 'a'],
    [{ sender: { id: 'a', type: 'user' } }, undefined],
    [{ recipient: { id: 'x'.repeat(513) }, to: 'a' }, 'a'],
    [{ recipient: { id: { nested: 1 } } }, undefined],
  ])('the contact of %j is %s', (payload, id) => {
    expect(only(payload).contact?.id).toBe(id);
  });

  test("a contact's name comes with its id", () => {
    expect(only({ contact: { id: 'a', name: 'Ana' } }).contact).toEqual({ id: 'a', name: 'Ana' });
    expect(only({ sender: { type: 'contact', id: 1, name: 'Ana' } }).contact).toEqual({ id: '1', name: 'Ana' });
  });

  test.each([
    [{ type: 'agent' }, 'agent'],
    [{ agent_id: 3 }, 'agent'],
    [{ agent_id: '3' }, 'agent'],
    [{ agent_id: 0, type: 'out' }, 'bot'],
    [{ sender: { type: 'Agent_Bot' } }, 'bot'],
    [{ sender: { type: 'bot' }, agent_id: 3 }, 'agent'],
    [{ meta: { agent_id: 3 }, message: { type: 'out' } }, 'bot'],
    [{ meta: { agent_id: 3 } }, 'agent'],
    [{ sender: { type: 'constructor' } }, 'unknown'],
    [{}, 'unknown'],
  ])('the author of %j is %s', (payload, kind) => {
    expect(only(payload).author.kind).toBe(kind);
  });

  test('ids keep every digit', () => {
    const payload = parseJson(
      '{"id":9007199254740993,"conversation_id":12345678901234567890,"to":98765432109876543210,"content":"oi"}',
    );
    const { messageId, conversation, contact } = only(payload);
    expect([messageId, conversation?.id, contact?.id]).toEqual([
      '9007199254740993',
      '12345678901234567890',
      '98765432109876543210',
    ]);
  });
});

describe('a hybrid', () => {
  const envelope = { event: 'message_created', message_type: 'outgoing', conversation_id: 501, content: 'Escolha:' };
  const button = {
    type: 'template',
    payload: { template_type: 'button', buttons: [{ type: 'postback', title: 'Vendas', payload: 'V' }] },
  };
  const generic = { type: 'template', payload: { template_type: 'generic', elements: [{ title: 'Plano A' }] } };
  const image = { type: 'image', payload: { url: 'https://ex.br/a.png' } };
  const read = {
    button: { kind: 'buttons', text: 'Escolha:', buttons: [{ kind: 'postback', title: 'Vendas', payload: 'V' }] },
    generic: { kind: 'cards', cards: [{ title: 'Plano A', buttons: [] }] },
    image: { kind: 'image', url: 'https://ex.br/a.png', caption: 'Escolha:' },
  };

  test.each([
    ['a button template in attachment', { attachment: button }, read.button],
    ['a button template in attachments', { attachments: [button] }, read.button],
    ['a generic template in attachment', { attachment: generic }, read.generic],
    ['a generic template in attachments', { attachments: [generic] }, read.generic],
    ['a Messenger image in attachment', { attachment: image }, read.image],
    ['a Messenger image in attachments', { attachments: [image] }, read.image],
    ['a template as the payload', { payload: button.payload }, read.button],
    ['a template beside content_type text', { content_type: 'text', attachments: [button] }, read.button],
    [
      'a template before the options',
      { content_type: 'input_select', content_attributes: { items: [{ title: 'x' }] }, attachment: generic },
      read.generic,
    ],
    ['a Messenger message', { message: { attachment: generic } }, read.generic],
  ])('of a Chatwoot envelope and %s is recognised', (_what, part, message) => {
    expect(messageOf({ ...envelope, ...part })).toEqual(message);
  });

  test.each([
    ['buttons', { text: 'Escolha:', buttons: [{ type: 'node', caption: 'Vendas', target: 'V' }] }, read.button],
    ['cards', { type: 'cards', elements: [{ title: 'Plano A' }] }, read.generic],
    ['an image', { type: 'image', url: 'https://ex.br/a.png' }, read.image],
  ])("of a Chatwoot envelope and UChat's dynamic %s is recognised", (_what, part, message) => {
    expect(messageOf({ ...envelope, ...part })).toEqual(message);
  });
});

describe('several attachments', () => {
  const image = { file_type: 'image', data_url: 'https://ex.br/a.png', file_size: 900, fallback_title: 'a.png' };
  const audio = { file_type: 'audio', data_url: 'https://ex.br/a.mp3' };

  test('give an event each, with the same raw, the caption on the first', () => {
    const payload = { id: 5, content: 'Veja', attachments: [image, audio] };
    const { events } = normalizeWebhook(payload);
    expect(events.map(({ message }) => message)).toEqual([
      { kind: 'image', url: 'https://ex.br/a.png', name: 'a.png', sizeBytes: 900, caption: 'Veja' },
      { kind: 'audio', url: 'https://ex.br/a.mp3' },
    ]);
    expect(events.map(({ index, messageId }) => [index, messageId])).toEqual([
      [0, '5'],
      [1, '5'],
    ]);
    for (const { raw } of events) expect(raw).toBe(payload);
  });

  test('of which one is not recognised give an unknown event for it', () => {
    const { events } = normalizeWebhook({ content: 'Veja', attachments: [{ file_type: 'location' }, null, image] });
    expect(events.map(({ message }) => message.kind)).toEqual(['unknown', 'unknown', 'image']);
    expect(events[2]?.message).toMatchObject({ caption: 'Veja' });
  });

  test('of which none is recognised leave the text', () => {
    expect(messageOf({ content: 'Estou aqui', attachments: [{ file_type: 'location' }] })).toEqual({
      kind: 'text',
      text: 'Estou aqui',
    });
    expect(messageOf({ content: '', attachments: [{ file_type: 'location' }] })).toEqual({ kind: 'unknown' });
  });

  test('so many that their raw would be repeated beyond bounds are one unknown event', () => {
    const payload = (count: number, text: string) => ({
      content: text,
      attachments: Array.from({ length: count }, () => image),
    });
    expect(normalizeWebhook(payload(50, 'x')).events).toHaveLength(50);
    for (const tooMuch of [payload(1001, 'x'), payload(50, 'x'.repeat(100_000))]) {
      expect(only(tooMuch)).toMatchObject({ message: { kind: 'unknown' }, raw: tooMuch });
    }
  });

  test('are counted over all messages of a delivery', () => {
    const item = { attachments: Array.from({ length: 10 }, () => audio) };
    const payload = (count: number) => Array.from({ length: count }, () => item);
    expect(normalizeWebhook(payload(100)).events).toHaveLength(1000);
    expect(messageOf(payload(101))).toEqual({ kind: 'unknown' });
  });
});

describe('what lacks a piece degrades', () => {
  const items = (content_type: string | undefined, list: unknown, content = '') => ({
    content,
    content_type,
    content_attributes: { items: list },
  });

  test.each([
    [
      'cards without a title keep the rest',
      items('cards', [{ media_url: 'u' }]),
      { kind: 'cards', cards: [{ title: '', imageUrl: 'u', buttons: [] }] },
    ],
    [
      'empty cards are left out',
      items('cards', [{}, null, 5, { title: 'A' }]),
      { kind: 'cards', cards: [{ title: 'A', buttons: [] }] },
    ],
    ['cards of nothing leave the text', items('cards', [{}], 'oi'), { kind: 'text', text: 'oi' }],
    ['cards of nothing and no text are unknown', items('cards', [{ actions: 'x' }]), { kind: 'unknown' }],
    ['cards that are no list are unknown', items('cards', { title: 'A' }), { kind: 'unknown' }],
    ['no cards at all are unknown', { content_type: 'cards' }, { kind: 'unknown' }],
    ['a form is none of the seven', items('form', [{ title: 'A', value: 'b' }]), { kind: 'unknown' }],
    [
      'cards are told without content_type',
      items(undefined, [{ title: 'A', actions: [{ text: 'x' }] }]),
      { kind: 'cards', cards: [{ title: 'A', buttons: [{ kind: 'postback', title: 'x', payload: 'x' }] }] },
    ],
    [
      'options are told without content_type',
      items(undefined, [{ title: 'A', value: 1 }], 'oi'),
      { kind: 'buttons', text: 'oi', buttons: [{ kind: 'postback', title: 'A', payload: '1' }] },
    ],
    ['an attachment without an address is unknown', { attachments: [{ file_type: 'image' }] }, { kind: 'unknown' }],
    [
      'an address that is the text too is no caption',
      { msg_type: 'image', content: 'https://ex.br/a.png', payload: { url: 'https://ex.br/a.png' } },
      { kind: 'image', url: 'https://ex.br/a.png' },
    ],
    [
      'a template that lacks its type is told by what it holds',
      { attachment: { type: 'template', payload: { elements: [{ title: 'A' }] } } },
      { kind: 'cards', cards: [{ title: 'A', buttons: [] }] },
    ],
    ['an attachment that is a word is unknown', { attachment: 'x' }, { kind: 'unknown' }],
    [
      'a template of another type is read by what it holds',
      { payload: { template_type: 'list', elements: [{ title: 'A' }] } },
      { kind: 'cards', cards: [{ title: 'A', buttons: [] }] },
    ],
    [
      'a template without anything leaves its text',
      { payload: { template_type: 'button', text: 'oi', buttons: [{}] } },
      { kind: 'text', text: 'oi' },
    ],
    [
      'a typed image may have its address as its text',
      { msg_type: 'image', content: 'https://ex.br/a.png' },
      { kind: 'image', url: 'https://ex.br/a.png' },
    ],
    [
      'a typed image without an address leaves its text',
      { msg_type: 'image', content: 'uma foto' },
      { kind: 'text', text: 'uma foto' },
    ],
    ['text may not be a number', { content: 5, text: 'oi' }, { kind: 'text', text: 'oi' }],
    ['null and empty are absent', { content: null, message: { text: '' }, text: 'oi' }, { kind: 'text', text: 'oi' }],
    ['a note among agents is no text', { content: 'cliente difícil', private: true }, { kind: 'unknown' }],
    ['nothing is unknown', {}, { kind: 'unknown' }],
  ])('%s', (_what, payload, message) => {
    expect(messageOf(payload)).toEqual(message);
  });

  test.each([
    [
      { type: 'web_url', title: 'A' },
      { kind: 'postback', title: 'A', payload: 'A' },
    ],
    [
      { title: 'A', url: 'u' },
      { kind: 'url', title: 'A', url: 'u' },
    ],
    [
      { type: 'LINK', uri: 'u' },
      { kind: 'url', title: 'u', url: 'u' },
    ],
    [
      { type: 'postback', title: 'A', payload: 'p', url: 'u' },
      { kind: 'postback', title: 'A', payload: 'p' },
    ],
    [
      { type: 'phone_number', payload: '190' },
      { kind: 'phone', title: '190', phone: '190' },
    ],
    [
      { type: 'constructor', title: 'A', payload: 'p' },
      { kind: 'postback', title: 'A', payload: 'p' },
    ],
  ])('the button %j is read as %j', (button, read) => {
    expect(messageOf({ text: 'x', buttons: [button] })).toEqual({ kind: 'buttons', text: 'x', buttons: [read] });
  });
});

describe('several messages in one delivery', () => {
  const kinds = (payload: unknown) => normalizeWebhook(payload).events.map(({ message }) => message.kind);
  const raws = (payload: unknown) => normalizeWebhook(payload).events.map(({ raw }) => raw);

  test('an array gives an event for each element, its raw the element', () => {
    const payload = [{ content: 'a' }, 5, null, ['x'], { text: 'b' }];
    expect(kinds(payload)).toEqual(['text', 'unknown', 'unknown', 'unknown', 'text']);
    expect(raws(payload)).toEqual(payload);
    expect(normalizeWebhook(payload).events.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  });

  test('an empty array gives none, an empty messages[] is an unknown event', () => {
    expect(normalizeWebhook([])).toEqual({ events: [], echoes: 0 });
    expect(only({ messages: [] })).toMatchObject({ message: { kind: 'unknown' }, raw: { messages: [] } });
    expect(messageOf({ entry: [{ messaging: [] }] })).toEqual({ kind: 'unknown' });
  });

  test('messages[] gives an event each, raw the envelope with that one, what is missing from the envelope', () => {
    const payload = {
      a: 1,
      messages: [{ content: 'x', id: 7, to: 'b' }, 'y'],
      id: 3,
      conversation_id: 501,
      to: 'a',
      sender: { type: 'user', id: 4 },
      content: 'not of the elements',
    };
    const { events } = normalizeWebhook(payload);
    expect(events.map(({ raw }) => raw)).toEqual([
      { ...payload, messages: [payload.messages[0]] },
      { ...payload, messages: ['y'] },
    ]);
    expect(Object.keys(events[0]?.raw as object)).toEqual(Object.keys(payload));
    expect(events.map((event) => [event.message.kind, event.messageId, event.contact?.id])).toEqual([
      ['text', '7', 'b'],
      ['unknown', undefined, 'a'],
    ]);
    for (const { conversation, author } of events) {
      expect([conversation, author]).toEqual([{ id: '501' }, { kind: 'agent', id: '4' }]);
    }
  });

  test('entry[].messaging[] gives an event each, and loses no entry', () => {
    const message = (text: string) => ({ recipient: { id: 'u' }, message: { text, mid: text } });
    const payload = {
      object: 'page',
      entry: [
        { id: 'p1', messaging: [message('a'), message('b')] },
        { id: 'p2', changes: [] },
        { id: 'p3', messaging: [message('c')] },
      ],
    };
    expect(kinds(payload)).toEqual(['text', 'text', 'unknown', 'text']);
    expect(raws(payload)).toEqual([
      { object: 'page', entry: [{ id: 'p1', messaging: [message('a')] }] },
      { object: 'page', entry: [{ id: 'p1', messaging: [message('b')] }] },
      { object: 'page', entry: [{ id: 'p2', changes: [] }] },
      { object: 'page', entry: [{ id: 'p3', messaging: [message('c')] }] },
    ]);
    expect(normalizeWebhook(payload).events.map(({ messageId }) => messageId)).toEqual(['a', 'b', 'p2', 'c']);
  });

  test('what a message of entry[].messaging[] lacks comes from its entry, then from the body', () => {
    const messaging = [{ message: { text: 'a' } }];
    const { events } = normalizeWebhook({ to: 'of body', conversation_id: 1, entry: [{ to: 'of entry', messaging }] });
    expect(events.map(({ contact, conversation }) => [contact?.id, conversation?.id])).toEqual([['of entry', '1']]);
  });

  test('an array of envelopes is taken apart too', () => {
    expect(raws([{ messages: [{ text: 'a' }, { text: 'b' }] }, { text: 'c' }])).toEqual([
      { messages: [{ text: 'a' }] },
      { messages: [{ text: 'b' }] },
      { text: 'c' },
    ]);
  });

  const many = (count: number) => Array.from({ length: count }, () => ({ content: 'x' }));
  const notes = (length: number) => 'n'.repeat(length);

  test.each([
    ['an array', many(1000), many(1001)],
    ['messages[]', { messages: many(1000) }, { messages: many(1001) }],
    ['entry[]', { entry: [{ messaging: many(999) }, 5] }, { entry: [{ messaging: many(1000) }, 5] }],
    ['a large envelope', { notes: notes(4000), messages: many(1000) }, { notes: notes(4300), messages: many(1000) }],
    [
      'a large entry',
      { entry: [{ notes: notes(4000), messaging: many(999) }] },
      { entry: [{ notes: notes(4300), messaging: many(999) }] },
    ],
  ])('%s is taken apart up to the bound and one unknown event beyond it', (_what, within, beyond) => {
    expect(normalizeWebhook(within).events.length).toBeGreaterThan(998);
    expect(only(beyond)).toMatchObject({ message: { kind: 'unknown' } });
    expect(only(beyond).raw).toBe(beyond);
  });
});

describe('echoes', () => {
  const sent = { content: 'oi', message_type: 'outgoing' };
  test.each([
    [{ content: 'oi', message_type: 'incoming' }, 0, 1],
    [{ content: 'oi', message_type: 0 }, 0, 1],
    [{ message: { type: 'in', payload: { text: 'oi' } } }, 0, 1],
    [{ type: 'in', text: 'oi' }, 0, 1],
    [[sent, { ...sent, message_type: 0 }, sent], 2, 1],
    [{ message_type: 'incoming', messages: [{ content: 'a' }, { content: 'b', message_type: 1 }] }, 1, 1],
    [{ type: 'in', messages: [sent] }, 1, 0],
    [sent, 1, 0],
    [{ content: 'oi', message_type: 1 }, 1, 0],
    [{ content: 'oi', message_type: null, type: 'out' }, 1, 0],
    [{ content: 'oi' }, 1, 0],
  ])('%j gives %i events and %i echoes', (payload, events, echoes) => {
    const result = normalizeWebhook(payload);
    expect([result.events.length, result.echoes]).toEqual([events, echoes]);
    expect(result.events.map(({ index }) => index)).toEqual(result.events.map((_, index) => index));
  });
});

test.each([
  '{"content":"oi","n":9007199254740993,"f":1.0,"e":1e400,"z":-0,"t":"ação 🚀","__proto__":{"x":1.50}}',
  '{"messages":[{"content":"oi","n":1.0}],"n":12345678901234567890,"__proto__":5,"constructor":null}',
  '{"entry":[{"messaging":[{"message":{"text":"oi","n":1e400}}],"__proto__":-0}],"n":1.0}',
  '{"attachments":[{"file_type":"image","data_url":"u","file_size":1.0}]}',
])('the raw of %s comes out as it went in', (text) => {
  expect(stringifyJson(only(parseJson(text)).raw)).toBe(text);
});
