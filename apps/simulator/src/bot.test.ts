import { inboundMessageSchema, type BotRequest } from '@bridge/schemas';
import { describe, expect, test } from 'vitest';
import { answerMessage } from './bot.ts';

const envelope = {
  message_type: 'incoming',
  sender: { id: 'cliente-77', name: 'Ana', email: '', phone_number: '', type: 'contact' },
  conversation_id: 501,
} as const;
const text = (content: string): BotRequest => ({ content, ...envelope, event: 'message_created' });
const button = (title: string, payload: string): BotRequest => ({
  content: title,
  ...envelope,
  event: 'message_postback',
  submitted_values: [{ title, payload }],
});
const media = (file_type: 'image' | 'audio' | 'video' | 'file'): BotRequest => ({
  content: '',
  ...envelope,
  event: 'message_created',
  attachments: [{ file_type, data_url: 'https://media.example.com/x' }],
});

const kinds = ['text', 'buttons', 'cards', 'image', 'audio', 'video', 'file'];
const answer = (request: BotRequest, withAgent = false) => answerMessage(request, { withAgent });
const words = (request: BotRequest, withAgent = false) =>
  answer(request, withAgent).answers.map(({ author, message }) => [author, 'text' in message ? message.text : '']);

describe('the bot', () => {
  test.each(kinds)('answers /%s with one message of that kind, which the schema of inbound messages takes', (kind) => {
    const { answers, withAgent } = answer(text(`/${kind}`));
    expect(answers.map(({ message }) => message.kind)).toEqual([kind]);
    expect(answers.map(({ author }) => author)).toEqual(['bot']);
    expect(inboundMessageSchema.parse(answers[0]?.message)).toEqual(answers[0]?.message);
    expect(withAgent).toBe(false);
  });

  test('answers /all with the seven kinds', () => {
    expect(answer(text('/all')).answers.map(({ message }) => message.kind)).toEqual(kinds);
  });

  test('answers a command in capitals and with spaces around it', () => {
    expect(answer(text('  /IMAGE \n')).answers[0]?.message.kind).toBe('image');
  });

  test.each([
    ['a plain text', text('Oi, qual o prazo?'), 'Você disse: Oi, qual o prazo?'],
    ['a word that every JavaScript object has', text('constructor'), 'Você disse: constructor'],
    ['an unknown command', text('/nada'), 'Você disse: /nada'],
    ['an unknown payload, unchanged', button('Azul', ' Cor:Azul '), 'Você escolheu “Azul” ( Cor:Azul ).'],
    ['a known payload', button('Quero o A', 'PLANO_A'), 'O Plano A é seu. Obrigado!'],
    ['an image', media('image'), 'Recebi sua imagem: https://media.example.com/x'],
    ['an audio', media('audio'), 'Recebi seu áudio: https://media.example.com/x'],
    ['a video', media('video'), 'Recebi seu vídeo: https://media.example.com/x'],
    ['a file', media('file'), 'Recebi seu arquivo: https://media.example.com/x'],
  ])('answers %s', (_what, request, expected) => {
    expect(words(request)).toEqual([['bot', expected]]);
  });

  test('lists every command in /help', () => {
    const [[, help] = []] = words(text('/help'));
    for (const command of [...kinds, 'all', 'agent', 'bot']) expect(help).toContain(`/${command}`);
  });
});

describe('an agent', () => {
  test.each([
    ['/agent', text('/agent')],
    ['the button for it', button('Falar com um atendente', 'IR_ATENDENTE')],
  ])('takes over at %s', (_what, request) => {
    const { answers, withAgent } = answer(request);
    expect(answers.map(({ author }) => author)).toEqual(['bot', 'agent']);
    expect(withAgent).toBe(true);
  });

  test.each([
    ['a text', text('Oi'), 'Marina aqui. Recebi “Oi” e já respondo.'],
    ['a command of the bot', text('/image'), 'Marina aqui. Recebi “/image” e já respondo.'],
    ['a button', button('Azul', 'AZUL'), 'Marina aqui. Recebi a opção “Azul” e já respondo.'],
    ['a file', media('file'), 'Marina aqui. Recebi seu arquivo e já respondo.'],
  ])('answers %s while it has the conversation', (_what, request, expected) => {
    expect(words(request, true)).toEqual([['agent', expected]]);
    expect(answer(request, true).withAgent).toBe(true);
  });

  test('gives the conversation back at /bot', () => {
    const { answers, withAgent } = answer(text('/bot'), true);
    expect(answers.map(({ author }) => author)).toEqual(['bot']);
    expect(withAgent).toBe(false);
  });
});
