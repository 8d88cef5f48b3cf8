import { expect, it } from 'vitest';
import { runBridgeHere, temporaryFile } from '../bridge-command.fixture.ts';
import { captureOf } from '../captures/capture.fixture.ts';

const body =
  '{"event":"message_created","content":"Oi, Ana\u001b!","conversation_id":9007199254740993,"sender":{"type":"agent_bot"}}';
const fixture = (capture: unknown, ...args: string[]) =>
  runBridgeHere(['fixture', temporaryFile('capture.json', JSON.stringify(capture)), ...args]);

it('is a test of the normaliser, which it passes', async () => {
  const { exitCode, stdout, stderr } = await fixture(captureOf({ body: body.replace('\u001b', '') }));
  expect(stdout).toBe(`test('a payload that was captured on 2026-11-23, anonymised', () => {
  const payload = parseJson(String.raw\`{
  "event": "message_created",
  "content": "Texto 1",
  "conversation_id": 9999999999999901,
  "sender": {
    "type": "agent_bot"
  }
}\`);
  expect(normalizeWebhook(payload)).toMatchObject({"echoes":0,"events":[{"conversation":{"id":"9999999999999901"},"author":{"kind":"bot"},"message":{"kind":"text","text":"Texto 1"}}]});
});
`);
  expect(stderr).toContain('Kept as words of the protocol: event: message_created, type: agent_bot.');
  expect(stderr).toContain('The signature fits it no more');
  expect(exitCode).toBe(0);
});

it('can be the payload alone', async () => {
  const { stdout } = await fixture(captureOf({ body: '{"content":"Oi, Ana!"}' }), '--json');
  expect(stdout).toBe('{\n  "content": "Texto 1"\n}\n');
});

it('is not made of what is no JSON', async () => {
  const { exitCode, stdout, stderr } = await fixture(captureOf({ body }));
  expect(stderr).toContain('is no JSON');
  expect([exitCode, stdout]).toEqual([1, '']);
});
