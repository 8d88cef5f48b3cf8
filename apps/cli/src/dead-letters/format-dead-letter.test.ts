import { describe, expect, it } from 'vitest';
import { consumedRecord } from '../consumed-record.fixture.ts';
import { letterOf } from './dead-letter.fixture.ts';
import { formatLetter, formatLetterJson, formatWholeLetter } from './format-dead-letter.ts';

const secret = 'https://bot.example/9f3c0a';
const hostile = `no\n\u001b[2Jway ${JSON.stringify({ bot_url: secret })}`;

describe('a letter in one line', () => {
  it('tells where it lies, when, who, why, whose and what', () => {
    expect(formatLetter(letterOf('6@0', 3))).toBe(
      '6@0 2026-11-23T12:00:00.000Z outbound rejected acme/501: HTTP 400: The sender is blocked.',
    );
  });

  it.each([
    [
      'the key, without a conversation',
      { identity: { connection: 'acme' }, key: 'acme/contact/c' },
      ' acme/contact/c: ',
    ],
    ['nothing, without a key', { identity: {}, key: null }, ' (no key): '],
    ['its replays', { replays: 1 }, ' acme/501 (replayed once): '],
    ['all its replays', { replays: 3 }, ' acme/501 (replayed 3 times): '],
    ['its error cut', { error: 'x'.repeat(1000) }, `: ${'x'.repeat(300)}…`],
    ['what a terminal would obey as text', { error: hostile, stage: '\u001b[2J' }, String.raw` \u001b[2J `],
  ])('shows %s', (_what, changes, part) => {
    const line = formatLetter(letterOf('6@0', 3, changes));
    expect(line).toContain(part);
    // oxlint-disable-next-line no-control-regex
    expect(line).not.toMatch(/[\u0000-\u001f]/);
    expect(line).not.toContain(secret);
  });
});

it('a letter as JSON has everything but its value', () => {
  const line = formatLetterJson(letterOf('6@41', 3, { replays: 1, replayOf: '6@12', error: hostile }));
  expect(line).not.toContain(secret);
  expect(JSON.parse(line)).toEqual({
    id: '6@41',
    partition: 6,
    offset: 41,
    timestamp: '2026-11-23T12:00:00.000Z',
    stage: 'outbound',
    reason: 'rejected',
    error: 'no\n\u001b[2Jway {"bot_url":"***"}',
    key: 'acme/501',
    connection: 'acme',
    conversation: '501',
    origin: { topic: 'nicochat.send-commands.v1', partition: 6, offset: 3 },
    attempts: '1',
    firstFailedAt: '2026-11-23T11:59:59.000Z',
    replays: 1,
    replayOf: '6@12',
  });
});

describe('the whole letter', () => {
  const lines = (value: string | Buffer | null, headers: Record<string, string> = {}) =>
    formatWholeLetter(letterOf('6@0', 3), consumedRecord(value, { headers }));

  it('has its facts, its own headers, and its value with numbers as they were written', () => {
    const headers = { ce_id: 'c-1', authorization: 'Bearer abc', 'x-dead-letter-reason': 'rejected' };
    expect(lines('{"id":9007199254740993,"list":[1.0],"text":"a\\u202eb"}', headers)).toEqual([
      'dead letter   6@0',
      'since         2026-11-23T12:00:00.000Z',
      'given up by   outbound',
      'reason        rejected',
      'error         HTTP 400: The sender is blocked.',
      'it lay in     nicochat.send-commands.v1[6]@3',
      'attempts      1',
      'first failed  2026-11-23T11:59:59.000Z',
      'replays       0',
      'key           acme/501',
      'connection    acme',
      'conversation  501',
      'headers',
      '  ce_id: c-1',
      '  authorization: ***',
      'value, 54 bytes',
      '  {',
      '    "id": 9007199254740993,',
      '    "list": [',
      '      1.0',
      '    ],',
      String.raw`    "text": "a\u202eb"`,
      '  }',
    ]);
  });

  it.each([
    ['text', 'no\u001b json\n{"ChaveApi":"abc', ['not JSON:', String.raw`no\u001b json`, '{"ChaveApi":"***"']],
    ['bytes', Buffer.from([0xff]), ['not UTF-8; as base64:', '/w==']],
    ['nothing', null, ['(no value)']],
  ])('shows %s for what it is', (_what, value, shown) => {
    const all = lines(value);
    expect(all.slice(all.findIndex((line) => line.startsWith('value')) + 1)).toEqual(shown.map((line) => `  ${line}`));
  });

  it('says what it is a replay of', () => {
    const letter = letterOf('6@41', 3, { replays: 2, replayOf: '6@12' });
    expect(formatWholeLetter(letter, consumedRecord(null))).toContain('replays       2, the last of 6@12');
  });
});
