import { expect, it } from 'vitest';
import { consumedRecord } from '../consumed-record.fixture.ts';
import { letterOf } from './dead-letter.fixture.ts';
import { replayRecord } from './replay-record.ts';

it('a replay goes back to where the record lay, with all that was its own and nothing of the letter', () => {
  const value = Buffer.from([0xff, 0x00, 0x7b]);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const headers = {
    ce_id: Buffer.from('c-1'),
    traceparent: Buffer.from(traceparent),
    many: [Buffer.from([0xff]), Buffer.from('b')],
    'x-dead-letter-topic': Buffer.from('nicochat.send-commands.v1'),
    'x-dead-letter-replays': Buffer.from('2'),
    'x-dead-letter-id': Buffer.from('6@7'),
    'x-dead-letter-of-tomorrow': Buffer.from('?'),
  };
  const record = { ...consumedRecord(value), rawKey: Buffer.from([0xc3]), rawHeaders: headers };
  expect(replayRecord(record, letterOf('6@41', 15, { lane: 3, replays: 2 }))).toEqual({
    topic: 'nicochat.send-commands.v1',
    partition: 3,
    key: Buffer.from([0xc3]),
    value,
    headers: {
      ce_id: headers.ce_id,
      traceparent: headers.traceparent,
      many: headers.many,
      'x-dead-letter-replays': '3',
      'x-dead-letter-id': '6@41',
    },
  });
});
