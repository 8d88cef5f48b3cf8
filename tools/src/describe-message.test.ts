import { expect, test } from 'vitest';
import { describeChannelMessage } from './describe-message.ts';

const author = { kind: 'bot' };
const buttons = [{ title: 'Vendas' }, { title: 'Site' }];

test.each([
  ['a text', { kind: 'text', text: 'Oi' }, 'bot, text:     “Oi”  → channel triage (the default)'],
  [
    'buttons',
    { kind: 'buttons', text: 'Qual?', buttons },
    'bot, buttons:  “Qual?” [Vendas | Site]  → channel triage (the default)',
  ],
  [
    'cards',
    { kind: 'cards', cards: [{ title: 'A', buttons }, { title: 'B' }] },
    'bot, cards:    “A” [Vendas | Site], “B”  → channel triage (the default)',
  ],
  [
    'a medium',
    { kind: 'image', url: 'https://ex.br/a.png' },
    'bot, image:    https://ex.br/a.png  → channel triage (the default)',
  ],
])('%s', (_, message, line) => {
  expect(describeChannelMessage({ connection: 'demo', author, message, channel: 'triage' })).toBe(line);
});

test('names the route that matched', () => {
  const message = {
    connection: 'demo',
    author,
    message: { kind: 'text', text: 'Oi' },
    channel: 'support',
    route: 'agents',
  };
  expect(describeChannelMessage(message)).toContain('→ channel support (route agents)');
});
