import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { commandRecord, resultOf, sendCommand } from './world/send-commands.ts';
import { until } from './world/until.ts';
import { postWebhook } from './world/webhook-sender.ts';

const world = journey({
  connections: { acme: { workspace: { botAnswers: false } } },
  routing: { defaultChannel: 'all' },
});

/** Lets ten conversations talk, each message after the answer to the one before, until it is told to stop. */
function startTalking(name: string) {
  const acme = world.connection('acme');
  const acknowledged: string[] = [];
  const refused: string[] = [];
  const end = new AbortController();

  async function talk(conversation: number): Promise<void> {
    for (let turn = 1; !end.signal.aborted; turn += 1) {
      const text = `${name} ${conversation}/${turn}`;
      const body = JSON.stringify({ message_type: 'outgoing', content: text, conversation_id: conversation });
      const answer = await postWebhook(acme, body).catch(() => undefined);
      (answer?.status === 200 ? acknowledged : refused).push(text);
      if (answer?.status !== 200) await pause(20);
    }
  }

  const talks = Array.from({ length: 10 }, (_, index) => talk(index + 1));
  return {
    acknowledged,
    refused,
    /** Waits until this many more messages were answered 200. */
    async more(count: number): Promise<void> {
      const wanted = acknowledged.length + count;
      await until(`${count} more answers`, () => acknowledged.length >= wanted);
    },
    async stop(): Promise<string[]> {
      end.abort();
      await Promise.all(talks);
      return acknowledged;
    },
  };
}

/** The texts that the channel topic holds, once it holds all of these. */
async function arrived(name: string, texts: string[]): Promise<string[]> {
  return world.topics.until(world.topics.names.channelMessages, `all ${texts.length} acknowledged messages`, (all) => {
    const found = all.map(({ value }) => JSON.parse(value ?? '').message.text as string);
    const ofName = found.filter((text) => text.startsWith(name));
    const known = new Set(ofName);
    return texts.every((text) => known.has(text)) && ofName;
  });
}

/** Whether each conversation's turns only ever grow: none twice, none late. */
function inOrder(texts: string[]): boolean {
  const last = new Map<string, number>();
  return texts.every((text) => {
    const [conversation = '', turn = ''] = text.split('/');
    const grows = Number(turn) > (last.get(conversation) ?? 0);
    last.set(conversation, Number(turn));
    return grows;
  });
}

beforeAll(async () => {
  // Reading begins before the flow, so that nothing of it has to be caught up with.
  for (const topic of [world.topics.names.channelMessages, world.topics.names.sendResults]) {
    await world.topics.recordsOf(topic);
  }
});

it('ingress, stopped in mid-flow, ends with 0, and what it answered 200 is in the channel', async () => {
  const talk = startTalking('ingress');
  await talk.more(100);
  expect(await world.app('ingress').terminate()).toEqual({ code: 0, signal: null });
  await until('the gap to be noticed', () => talk.refused.length > 0);
  await world.start('ingress');
  await talk.more(100);

  const texts = await arrived('ingress', await talk.stop());
  expect(new Set(texts).size).toBe(texts.length);
  expect(inOrder(texts)).toBe(true);
});

it('the router, stopped in mid-flow, ends with 0, and hands on every event once and in order', async () => {
  const talk = startTalking('router');
  await talk.more(100);
  expect(await world.app('router').terminate()).toEqual({ code: 0, signal: null });
  const handedOn = await world.topics.recordsOf(world.topics.names.channelMessages);
  const before = handedOn.length;
  await talk.more(100);
  expect(handedOn.length).toBeLessThan(before + 100);
  await world.start('router');
  await talk.more(100);

  const acknowledged = await talk.stop();
  expect(talk.refused).toEqual([]);
  const texts = await arrived('router', acknowledged);
  expect(texts.toSorted()).toEqual(acknowledged.toSorted());
  expect(inOrder(texts)).toBe(true);
});

it('outbound, stopped in mid-flow, ends with 0, sends every command once and in order, and gives each one result', async () => {
  const { sendCommands, sendResults } = world.topics.names;
  const { workspace } = world.connection('acme');
  await world.simulator.addFault(workspace, { target: 'bot-url', kind: 'latency', latencyMs: 20, times: null });
  const conversations = Array.from({ length: 20 }, (_, index) => String(index + 1));
  const commands = Array.from({ length: 40 }, (_, turn) =>
    conversations.map((conversation) =>
      sendCommand({ connection: 'acme', conversation, message: `outbound ${conversation}/${turn + 1}` }),
    ),
  ).flat();
  await world.topics.publish(commands.map((command) => commandRecord(sendCommands, command)));
  const received = async () => (await world.simulator.journal({ kind: 'received', workspace })).map(({ body }) => body);
  await until('a part to be sent', async () => (await received()).length >= 200);

  expect(await world.app('outbound').terminate()).toEqual({ code: 0, signal: null });
  const sentBefore = await received();
  expect(sentBefore.length).toBeLessThan(commands.length);
  await world.topics.until(sendResults, 'a result for each that was sent', (all) => all.length === sentBefore.length);
  await world.start('outbound');

  const results = await world.topics.until(sendResults, 'all results', (all) => all.length >= commands.length && all);
  const sent = (await received()).map((body) => JSON.parse(body).content as string);
  expect(sent).toHaveLength(commands.length);
  expect(inOrder(sent)).toBe(true);
  expect(results.map((record) => resultOf(record).outcome).every((outcome) => outcome === 'sent')).toBe(true);
  const ids = results.map((record) => resultOf(record).commandId);
  expect(ids.toSorted()).toEqual(commands.map(({ id }) => id).toSorted());
});

it('all of them, stopped at once in mid-flow, end with 0', async () => {
  const { sendCommands } = world.topics.names;
  const talk = startTalking('all');
  const commands = Array.from({ length: 200 }, (_, index) =>
    sendCommand({ connection: 'acme', conversation: String(index), message: 'the last' }),
  );
  await world.topics.publish(commands.map((command) => commandRecord(sendCommands, command)));
  await talk.more(50);
  const apps = (['simulator', 'ingress', 'router', 'outbound'] as const).map(world.app);
  const endings = await Promise.all(apps.map((app) => app.terminate()));
  await talk.stop();
  expect(endings).toEqual(apps.map(() => ({ code: 0, signal: null })));
});
