import { describe, expect, it } from 'vitest';
import { commandOf, commandOfJson } from './send-command.ts';

const whose = { connection: 'acme', conversation: '501', contactId: 'cliente-77' };
const url = 'https://midia.exemplo.com.br/foto.png';

describe('a send command from options', () => {
  it('has what was given and nothing else', () => {
    expect(commandOf({ ...whose, text: 'Oi' }, 'fresh')).toEqual({
      id: 'fresh',
      connection: 'acme',
      conversation: { id: '501' },
      contact: { id: 'cliente-77' },
      message: { kind: 'text', text: 'Oi' },
    });
  });

  it('has all that can be given', () => {
    const options = {
      ...whose,
      id: 'c-1',
      contactName: 'Ana Souza',
      email: 'ana@exemplo.com.br',
      phone: '+5511999990000',
      expiresAt: '2026-11-23T12:00:00.000Z',
      file: url,
      name: 'nota.pdf',
      caption: 'a nota',
    };
    expect(commandOf(options, 'fresh')).toEqual({
      id: 'c-1',
      connection: 'acme',
      conversation: { id: '501' },
      contact: { id: 'cliente-77', name: 'Ana Souza', email: 'ana@exemplo.com.br', phone: '+5511999990000' },
      message: { kind: 'file', url, name: 'nota.pdf', caption: 'a nota' },
      expiresAt: '2026-11-23T12:00:00.000Z',
    });
  });

  it.each([
    ['a text', { text: 'Oi' }, { kind: 'text', text: 'Oi' }],
    ['a button', { buttonTitle: 'Vendas', buttonPayload: 'V' }, { kind: 'button', title: 'Vendas', payload: 'V' }],
    [
      'a button whose payload is empty',
      { buttonTitle: 'Vendas', buttonPayload: '' },
      { kind: 'button', title: 'Vendas', payload: '' },
    ],
    ['an image', { image: url }, { kind: 'image', url }],
    ['an audio', { audio: url }, { kind: 'audio', url }],
    ['a video', { video: url }, { kind: 'video', url }],
    ['a file', { file: url }, { kind: 'file', url }],
  ])('can be %s', (_case, options, message) => {
    expect(commandOf({ ...whose, ...options }, 'fresh').message).toEqual(message);
  });

  it.each([
    ['no message', {}, 'nothing to send'],
    ['two messages', { text: 'Oi', image: url }, 'these are text and image'],
    ['half a button', { buttonTitle: 'Vendas' }, 'needs both'],
    ['a caption of a text', { text: 'Oi', caption: 'x' }, '--name and --caption belong to'],
    ['an empty text', { text: '' }, 'message.text'],
    ['media that NicoChat could not fetch', { image: 'file:///etc/passwd' }, 'message.url'],
    ['a connection that can not be one', { text: 'Oi', connection: 'Acme!' }, 'connection: a connection id'],
  ])('is refused for %s', (_case, options, fault) => {
    expect(() => commandOf({ ...whose, ...options }, 'fresh')).toThrow(fault);
  });

  it('names every option that is missing', () => {
    expect(() => commandOf({ text: 'Oi', conversation: '501' }, 'fresh')).toThrow(
      'missing: --connection, --contact-id',
    );
  });
});

describe('a send command from JSON', () => {
  const command = {
    id: 'c-1',
    connection: 'acme',
    conversation: { id: '501' },
    contact: { id: 'cliente-77' },
    message: { kind: 'text', text: 'Oi' },
    ours: true,
  };

  it('is kept as it is, fields that nobody knows included', () => {
    expect(commandOfJson(JSON.stringify(command), 'fresh')).toEqual(command);
  });

  it('gets an id where it has none', () => {
    expect(commandOfJson(JSON.stringify({ ...command, id: undefined }), 'fresh').id).toBe('fresh');
  });

  it.each([
    ['no JSON', '{', 'not JSON'],
    ['no object', '[]', 'the whole'],
    ['no command', '{"connection":"acme"}', 'conversation'],
  ])('is refused for %s', (_case, text, fault) => {
    expect(() => commandOfJson(text, 'fresh')).toThrow(fault);
  });
});
