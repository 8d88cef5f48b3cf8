import { describe, expect, it } from 'vitest';
import { commandOf } from './send-command.ts';
import { sendRecord } from './send-record.ts';

describe('the record of a send command', () => {
  const command = commandOf({ connection: 'acme', conversation: 'sala 1/2', contactId: 'c', text: 'Oi' }, 'c-1');
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
  const record = sendRecord(command, { topic: 't', at: new Date('2026-11-23T12:00:00.000Z'), traceparent });

  it('is keyed by its conversation, percent-encoded', () => {
    expect(record.key).toBe('acme/sala%201%2F2');
  });

  it('carries CloudEvents headers and the trace', () => {
    expect(record.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: 'c-1',
      ce_type: 'nicochat.send-command.v1',
      ce_source: '/bridge/cli',
      ce_subject: 'sala 1/2',
      ce_time: '2026-11-23T12:00:00.000Z',
      'content-type': 'application/json',
      traceparent,
    });
  });

  it('holds the command', () => {
    expect(JSON.parse(String(record.value))).toEqual(command);
  });
});
