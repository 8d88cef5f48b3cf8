import { describe, expect, it } from 'vitest';
import { consumedRecord } from './consumed-record.fixture.ts';
import { formatRecordJson } from './format-record-json.ts';
import { recordValue } from './record-value.ts';

const line = (value: string | Buffer | null) => {
  const record = consumedRecord(value, { headers: { ce_id: '1' } });
  return formatRecordJson(record, recordValue(record));
};

describe('a record as a line of JSON', () => {
  it('has its place, key, headers and value', () => {
    expect(JSON.parse(line('{"a":[1,"ç"]}'))).toEqual({
      topic: 'nicochat.inbound-events.v1',
      partition: 3,
      offset: 15,
      timestamp: '2026-11-23T12:00:00.000Z',
      key: 'acme/501',
      headers: { ce_id: '1' },
      value: { a: [1, 'ç'] },
    });
  });

  it('keeps numbers as they were written', () => {
    expect(line('{"id":9007199254740993,"price":1.0}')).toContain('"value":{"id":9007199254740993,"price":1.0}');
  });

  it.each([
    ['text', 'not json', { value: 'not json' }],
    ['bytes', Buffer.from([0xff]), { value: '/w==', valueEncoding: 'base64' }],
    ['nothing', null, { value: null }],
  ])('holds %s', (_case, value, fields) => {
    expect(JSON.parse(line(value))).toMatchObject(fields);
  });

  it('is one line, whatever is in it', () => {
    expect(line('"two\\nlines"')).not.toContain('\n');
  });
});
