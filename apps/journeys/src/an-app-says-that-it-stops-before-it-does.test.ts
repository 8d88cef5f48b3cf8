import { expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { commandRecord, sendCommand } from './world/send-commands.ts';
import { until } from './world/until.ts';
import { postWebhook } from './world/webhook-sender.ts';

const apps = ['ingress', 'router', 'outbound'] as const;
/** Long enough for a slow machine to do what is to be done in it. */
const grace = { READINESS_GRACE_MS: '15000' };

const world = journey({
  connections: { acme: { workspace: { botAnswers: false } } },
  routing: { defaultChannel: 'all' },
  env: { ingress: grace, router: grace, outbound: grace },
});

const readiness = (app: (typeof apps)[number]) =>
  fetch(`${world.probes(app)}/readyz`).then(
    async (answer) => ({ status: answer.status, body: await answer.json() }),
    () => undefined,
  );

async function membersOf(app: 'router' | 'outbound'): Promise<number> {
  const admin = world.topics.client.open().admin();
  await admin.connect();
  try {
    const { groups } = await admin.describeGroups([`${world.prefix}.${app}`]);
    return groups[0]?.members.length ?? 0;
  } finally {
    await admin.disconnect();
  }
}

/** One message each way, and what becomes of it. */
async function bothWays(text: string): Promise<void> {
  const { sendCommands, sendResults, channelMessages } = world.topics.names;
  const body = JSON.stringify({ message_type: 'outgoing', content: text, conversation_id: 501 });
  expect((await postWebhook(world.connection('acme'), body)).status).toBe(200);
  const command = sendCommand({ connection: 'acme', conversation: '501', message: text });
  await world.topics.publish([commandRecord(sendCommands, command)]);
  await world.topics.until(channelMessages, text, (all) => all.some(({ value }) => value?.includes(text)));
  await world.topics.until(sendResults, text, (all) => all.some(({ value }) => value?.includes(command.id)));
}

it('each app is not ready first, works on for the grace, then closes, leaves its group, and ends with 0', async () => {
  await bothWays('before');
  expect(await Promise.all(apps.map(readiness))).toMatchObject(apps.map(() => ({ status: 200 })));
  expect([await membersOf('router'), await membersOf('outbound')]).toEqual([1, 1]);

  const endings = Promise.all(apps.map((app) => world.app(app).terminate()));
  const stopping = { status: 503, body: { parts: [{ part: 'service', reason: 'stopping' }] } };
  for (const app of apps) {
    await until(`${app} to say that it stops`, async () => (await readiness(app))?.status === 503);
    expect(await readiness(app)).toMatchObject(stopping);
  }
  await bothWays('after');
  expect(await Promise.all(apps.map(readiness))).toMatchObject(apps.map(() => stopping));

  expect(await endings).toEqual(apps.map(() => ({ code: 0, signal: null })));
  // Who is just gone stays a member for 30 s more.
  expect([await membersOf('router'), await membersOf('outbound')]).toEqual([0, 0]);
  await expect(postWebhook(world.connection('acme'), '{}')).rejects.toThrow('fetch failed');
});
