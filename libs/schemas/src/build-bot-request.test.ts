import { describe, expect, test } from 'vitest';
import {
  botButtonRequestSchema,
  botMediaRequestSchema,
  botRequestSchema,
  botTextRequestSchema,
} from './bot-request.ts';
import { buildBotRequest, type BotRequestOptions } from './build-bot-request.ts';
import { sendCommandSchema, type SendCommand } from './send-command.ts';

const asDocumented: BotRequestOptions = { conversationId: 'number', mediaShape: 'chatwoot-attachments' };

const command = (message: object, changes: object = {}): SendCommand =>
  sendCommandSchema.parse({
    id: 'c-1',
    connection: 'acme',
    conversation: { id: '501' },
    contact: { id: 'cliente-77', name: 'Ana Souza', email: '', phone: '' },
    message,
    ...changes,
  });

const bytes = (of: SendCommand, options = asDocumented): string => {
  const request = buildBotRequest(of, options);
  return request.kind === 'built' ? JSON.stringify(request.body) : `rejected: ${request.reason}`;
};

const sender = '"sender":{"id":"cliente-77","name":"Ana Souza","email":"","phone_number":"","type":"contact"}';

describe('buildBotRequest', () => {
  test('a text is written byte for byte as documented', () => {
    expect(bytes(command({ kind: 'text', text: 'Oi, qual o prazo?' }))).toBe(
      `{"content":"Oi, qual o prazo?","message_type":"incoming",${sender},"conversation_id":501,"event":"message_created"}`,
    );
  });

  test('a pressed button is written byte for byte as documented, its payload untouched', () => {
    expect(bytes(command({ kind: 'button', title: 'Falar com vendas', payload: ' IR/VENDAS ' }))).toBe(
      `{"content":"Falar com vendas","message_type":"incoming",${sender},"conversation_id":501,"event":"message_postback",` +
        '"submitted_values":[{"title":"Falar com vendas","payload":" IR/VENDAS "}]}',
    );
  });

  test.each(['image', 'audio', 'video', 'file'])('a medium (%s) is written as Chatwoot would', (kind) => {
    expect(bytes(command({ kind, url: 'https://midia.exemplo.com.br/a.bin' }))).toBe(
      `{"content":"","message_type":"incoming",${sender},"conversation_id":501,"event":"message_created",` +
        `"attachments":[{"file_type":"${kind}","data_url":"https://midia.exemplo.com.br/a.bin"}]}`,
    );
  });

  test('a caption is the content, a file carries its name', () => {
    const message = { kind: 'file', url: 'https://ex.br/a.pdf', name: 'Contrato.pdf', caption: 'Segue o contrato' };
    expect(bytes(command(message))).toContain('{"content":"Segue o contrato",');
    expect(bytes(command(message))).toContain('"data_url":"https://ex.br/a.pdf","fallback_title":"Contrato.pdf"}]');
  });

  test('what is not known of a contact is empty, its name is its id', () => {
    expect(bytes(command({ kind: 'text', text: 'oi' }, { contact: { id: 'x' } }))).toContain(
      '"sender":{"id":"x","name":"x","email":"","phone_number":"","type":"contact"}',
    );
  });

  test.each([
    ['0', '0'],
    ['501', '501'],
    ['9007199254740991', '9007199254740991'],
  ])('the conversation id %s becomes the number %s', (id, written) => {
    expect(bytes(command({ kind: 'text', text: 'oi' }, { conversation: { id } }))).toContain(
      `"conversation_id":${written},`,
    );
  });

  test.each(['9007199254740992', '9007199254740993', '007', '1.0', '1e3', '-1', '-0', '+1', ' 1', '0x10', 'sala-9'])(
    'the conversation id %j is rejected as a number and sent as text where the connection says so',
    (id) => {
      const of = command({ kind: 'text', text: 'oi' }, { conversation: { id } });
      expect(bytes(of)).toBe('rejected: conversation-id-not-a-number');
      expect(bytes(of, { ...asDocumented, conversationId: 'string' })).toContain(`"conversation_id":"${id}",`);
    },
  );
});

describe('the schemas of the bodies', () => {
  const text = { kind: 'text', text: 'oi' };
  const button = { kind: 'button', title: 'a', payload: 'b' };
  const image = { kind: 'image', url: 'https://ex.br/a.png' };

  test.each([
    ['text', botTextRequestSchema, text, [button, image]],
    ['button', botButtonRequestSchema, button, [text, image]],
    ['media', botMediaRequestSchema, image, [text, button]],
  ])('that of a %s takes its own and no other', (_kind, schema, own, others) => {
    const body = (message: object): unknown => JSON.parse(bytes(command(message)));
    expect(schema.safeParse(body(own)).success).toBe(true);
    expect(botRequestSchema.safeParse(body(own)).success).toBe(true);
    for (const other of others) expect(schema.safeParse(body(other)).success).toBe(false);
  });

  test('an unknown field is a mistake', () => {
    const body = JSON.parse(bytes(command(text))) as object;
    expect(botRequestSchema.safeParse(body).success).toBe(true);
    expect(botRequestSchema.safeParse({ ...body, extra: 1 }).success).toBe(false);
  });
});
