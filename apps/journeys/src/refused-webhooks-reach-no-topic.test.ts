import { inboundEventSchema } from '@bridge/schemas';
import { expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { postWebhook, signed } from './world/webhook-sender.ts';

const world = journey({
  apps: ['simulator', 'ingress', 'router'],
  connections: { acme: {}, loja: {} },
  routing: { defaultChannel: 'triage' },
});

/** All of one conversation: in a topic, what was published earlier stands earlier. */
const body = (text: string) =>
  JSON.stringify({ message_type: 'outgoing', content: text, conversation_id: 700, sender: { type: 'agent_bot' } });

/** The texts of the webhooks that were rightly sent, in their order. */
const accepted: string[] = [];

/** Sends one that must arrive, and says that the topics hold what was rightly sent until now and nothing besides. */
async function expectNothingElsePublished(): Promise<void> {
  const control = `control ${accepted.length + 1}`;
  accepted.push(control);
  expect(await postWebhook(world.connection('acme'), body(control))).toMatchObject({
    status: 200,
    body: '{"status":"ok"}',
  });
  const { inboundEvents, channelMessages, deadLetters } = world.topics.names;
  for (const topic of [inboundEvents, channelMessages]) {
    const records = await world.topics.until(
      topic,
      control,
      (all) => all.some(({ value }) => value?.includes(control)) && all,
    );
    const messages = records.map(({ value }) => inboundEventSchema.parse(JSON.parse(value ?? '')).message);
    expect(messages).toEqual(accepted.map((text) => ({ kind: 'text', text })));
  }
  expect(await world.topics.recordsOf(deadLetters)).toEqual([]);
}

type Bad = { signature?: string; text?: string; fault?: string };

it.each<[name: string, status: number | null, bad: Bad]>([
  ['forged', 401, { signature: 'forged' }],
  ['unsigned', 401, { signature: 'none' }],
  ['truncated', null, { fault: 'truncated' }],
  ['oversized', 413, { text: 'x'.repeat(1_048_576) }],
])('a webhook that is %s gets %s and is not published', async (name, status, { fault, text = name, ...delivery }) => {
  const { workspace } = world.connection('acme');
  if (fault) await world.simulator.addFault(workspace, { target: 'delivery', kind: fault });
  const message = { kind: 'text', text };
  const report = await world.simulator.deliver(workspace, { message, conversationId: '700', ...delivery });
  expect(report).toMatchObject({ delivered: false, status });
  await expectNothingElsePublished();
});

it("one signed by Python's hmac is accepted; with any one byte changed it gets 401 and is not published", async () => {
  const acme = world.connection('acme');
  const bytes = Buffer.from(String.raw`{"message_type":"outgoing","content":"Caf\u00e9 ☕","conversation_id":700}`);
  // hmac.new(b'S3CR3T-verification-key-of-acme', body, 'sha256').hexdigest()
  const signature = 'bc1ce7bc689e15b546f0f7c88f0228202d90e790ec420e265a71f2bf4c4d92e0';
  const headers = { 'x-hub-signature-256': `sha256=${signature}` };

  for (const position of [0, bytes.indexOf('Caf'), bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[position] = (changed[position] ?? 0) ^ 1;
    const answer = await postWebhook(acme, changed, headers);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.parse(answer.body)).toMatchObject({ status: 401, title: 'Unauthorized' });
  }
  await expectNothingElsePublished();
  accepted.push('Café ☕');
  expect(await postWebhook(acme, bytes, headers)).toMatchObject({ status: 200 });
  await expectNothingElsePublished();
});

it('what is no JSON object or array gets 400 although it is signed, and is not published', async () => {
  for (const bad of ['{"message_type":"outgoing","content":"cut', '"a text"', '17', 'null', 'content=oi']) {
    const answer = await postWebhook(world.connection('acme'), bad);
    expect([bad, answer.status]).toEqual([bad, 400]);
  }
  await expectNothingElsePublished();
});

it('an unknown connection gets 404, another key 401, a wrong method 405, and none is published', async () => {
  const [acme, loja] = [world.connection('acme'), world.connection('loja')];
  const nobody = { ...acme, webhookUrl: acme.webhookUrl.replace(/acme$/, 'nobody') };
  expect((await postWebhook(nobody, body('nobody'))).status).toBe(404);
  expect((await postWebhook(acme, body('wrong door'), signed(loja, body('wrong door')))).status).toBe(401);
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    const answer = await fetch(acme.webhookUrl, { method, body: body(method), headers: signed(acme, body(method)) });
    expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'POST']);
  }
  await expectNothingElsePublished();
});
