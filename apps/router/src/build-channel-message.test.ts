import type { ConsumedRecord } from '@bridge/kafka';
import { parseJson } from '@bridge/schemas';
import type { InboundEvent } from '@bridge/schemas';
import { expect, test } from 'vitest';
import { buildChannelMessage } from './build-channel-message.ts';

function build(bytes: Buffer): string {
  const value = bytes.toString();
  const added = { channel: 'triage', route: 'all', duplicateSuspected: false };
  const record = { rawValue: bytes, value } as unknown as ConsumedRecord;
  return buildChannelMessage(record, parseJson(value) as InboundEvent, added).toString();
}
const behind = '"channel":"triage","route":"all","duplicateSuspected":false}';

test('the event stays as it was written, and what routing adds comes behind', () => {
  expect(build(Buffer.from('{"id":"1", "raw":{"n":1.0,"é":"🚀"}}'))).toBe(
    `{"id":"1", "raw":{"n":1.0,"é":"🚀"},${behind}`,
  );
  expect(build(Buffer.from(' {"id":"1"} \n'))).toBe(` {"id":"1",${behind}`);
});

test('an event that has such a field already has it once, with what routing says', () => {
  const message = build(Buffer.from('{"id":"1","channel":"mine","raw":{"n":1.0}}'));
  expect(message.match(/"channel"/g)).toHaveLength(1);
  expect(message).toContain('"channel":"triage"');
  expect(message).toContain('{"n":1.0}');
});

test('bytes that are no text are replaced, as they were read', () => {
  const broken = Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}')]);
  expect(build(broken)).toBe(`{"id":"\ufffd",${behind}`);
});
