import { deadLetterRecord } from '@bridge/kafka';
import { describe, expect, it } from 'vitest';
import { consumedRecord } from './consumed-record.fixture.ts';
import { formatRecord } from './format-record.ts';
import { recordValue } from './record-value.ts';

const event = {
  id: '01J-0',
  redeliveryKey: 'k',
  connection: 'acme',
  conversation: { id: '501' },
  author: { kind: 'bot' },
  message: { kind: 'text', text: 'Seu pedido saiu.' },
  verified: true,
  receivedAt: '2026-11-23T12:00:00.000Z',
  raw: {},
};
const command = {
  id: 'c-1',
  connection: 'acme',
  conversation: { id: '501' },
  contact: { id: 'cliente-77', name: 'Ana Souza', phone: '+5511999990000' },
  message: { kind: 'text', text: 'Oi' },
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
const buttons = [
  { kind: 'postback', title: 'Vendas', payload: 'V' },
  { kind: 'url', title: 'Site', url: 'https://ex.br' },
];
const image = { kind: 'image', url: 'https://ex.br/a.png', caption: 'nota' };

const shown = (value: unknown) => {
  const text = typeof value === 'string' || value === null ? value : JSON.stringify(value);
  const record = consumedRecord(text);
  return formatRecord(record, recordValue(record));
};
const place = '2026-11-23T12:00:00.000Z nicochat.inbound-events.v1[3]@15 acme/501 ';

describe('a record for people', () => {
  it.each([
    ['a text', event, 'bot: "Seu pedido saiu."'],
    ['an unverified one', { ...event, verified: false }, 'bot (unverified): "Seu pedido saiu."'],
    ['an agent', { ...event, author: { kind: 'agent', name: 'Rui' } }, 'agent Rui: "Seu pedido saiu."'],
    ['nobody known', { ...event, author: { kind: 'unknown' } }, 'bot or agent: "Seu pedido saiu."'],
    ['buttons', { ...event, message: { kind: 'buttons', text: 'Escolha', buttons } }, 'bot: "Escolha" [Vendas | Site]'],
    [
      'cards',
      {
        ...event,
        message: {
          kind: 'cards',
          cards: [
            { title: 'A', buttons },
            { title: 'B', buttons: [] },
          ],
        },
      },
      'bot: card "A" [Vendas | Site], card "B"',
    ],
    ['an image', { ...event, message: image }, 'bot: image https://ex.br/a.png "nota"'],
    [
      'an unknown kind',
      { ...event, message: { kind: 'unknown' } },
      'bot: a message of unknown kind (--json shows its payload)',
    ],
    [
      'a channel message',
      { ...event, channel: 'support', route: 'agents' },
      'bot: "Seu pedido saiu." → support by agents',
    ],
    [
      'one of the default channel, perhaps a repeat',
      { ...event, channel: 'triage', duplicateSuspected: true },
      'bot: "Seu pedido saiu." → triage by the default (a duplicate, perhaps)',
    ],
    ['a command', command, 'command c-1 from Ana Souza: "Oi"'],
    [
      'a pressed button',
      { ...command, message: { kind: 'button', title: 'Vendas', payload: 'V' } },
      'command c-1 from Ana Souza: pressed "Vendas", payload "V"',
    ],
    ['a result', result, 'command c-1 sent after 1 attempt, last answer 200'],
    [
      'a result with a reason',
      { ...result, outcome: 'failed', attempts: 8, status: undefined, reason: 'too-old' },
      'command c-1 failed after 8 attempts: too-old',
    ],
    ['JSON that is not ours', { hello: 1 }, String.raw`"{"hello":1}"`],
    ['text that is no JSON', 'oi', 'not JSON: "oi"'],
    ['no value', null, '(no value)'],
  ])('shows %s', (_case, value, expected) => {
    expect(shown(value)).toBe(place + expected);
  });

  it('never shows a phone number', () => {
    expect(shown(command)).not.toContain('5511');
    expect(shown(command)).toContain('Ana Souza');
  });

  it('says the size of bytes that are no text', () => {
    const record = consumedRecord(Buffer.from([0xff, 0xfe]));
    expect(formatRecord(record, recordValue(record))).toBe(`${place}not UTF-8: 2 bytes`);
  });

  it('says why a dead letter is one', () => {
    const { headers } = deadLetterRecord({
      topic: 'nicochat.dead-letters.v1',
      record: consumedRecord(null),
      stage: 'router',
      reason: 'unroutable',
      error: 'no route\u001B[2J',
      attempts: 0,
      firstFailedAt: new Date('2026-11-23T12:00:01.000Z'),
    });
    const record = consumedRecord(JSON.stringify(event), { headers: headers as Record<string, string> });
    expect(formatRecord(record, recordValue(record)).split('\n')).toEqual([
      `${place}bot: "Seu pedido saiu."`,
      String.raw`  unroutable: no route\u001b[2J`,
      '  given up by router on nicochat.inbound-events.v1[3]@15; attempts 0, replays 0, first failed 2026-11-23T12:00:01.000Z',
    ]);
  });
});
