import { readFileSync, writeFileSync } from 'node:fs';
import type { ConsumedRecord } from '@bridge/kafka';
import { describe, expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { commandRecord, newTraceparent, resultOf, sendCommand } from './world/send-commands.ts';
import { postWebhook } from './world/webhook-sender.ts';

const world = journey({
  connections: { acme: {} },
  // The bot answers in 910 and 911; only 920 goes nowhere.
  routing: { routes: [{ name: 'known', when: { conversation: ['910', '911'] }, channel: 'known' }] },
});

const fault = { target: 'bot-url', kind: 'status', status: 400, body: { message: 'Blocked.' }, times: 100 };

/** The results of one command, with how often it had been replayed, once there are so many. */
async function resultsOf(commandId: string, count: number) {
  const { sendResults } = world.topics.names;
  return world.topics.until(sendResults, `${count} results of ${commandId}`, (records) => {
    const own = records.filter((record) => resultOf(record).commandId === commandId);
    return (
      own.length >= count && own.map((record) => `${resultOf(record).outcome} ${record.headers['x-command-replays']}`)
    );
  });
}

/** Dead letters with this text in their value, once there are so many. */
const lettersWith = (text: string, count: number): Promise<ConsumedRecord[]> =>
  world.topics.until(world.topics.names.deadLetters, `${count} dead letters with ${text}`, (records) => {
    const own = records.filter(({ value }) => value?.includes(text));
    return own.length >= count && own;
  });

const idOf = (letter: ConsumedRecord | undefined) => `${letter?.partition}@${letter?.offset}`;

describe('a command that the bot refused', () => {
  it('is sent by a replay, behind what was sent meanwhile, and once', async () => {
    const { workspace } = world.connection('acme');
    const { sendCommands } = world.topics.names;
    await world.simulator.addFault(workspace, { ...fault, conversation: '910' });
    const refused = sendCommand({ connection: 'acme', conversation: '910', message: 'oi' });
    const traceparent = newTraceparent();
    await world.topics.publish([commandRecord(sendCommands, refused, traceparent)]);
    expect(await resultsOf(refused.id, 1)).toEqual(['rejected 0']);
    const [letter] = await lettersWith(refused.id, 1);

    await world.simulator.clearFaults(workspace);
    const later = sendCommand({ connection: 'acme', conversation: '910', message: 'e agora?' });
    await world.topics.publish([commandRecord(sendCommands, later)]);
    expect(await resultsOf(later.id, 1)).toEqual(['sent 0']);

    const dry = await world.bridge('dead-letters', 'replay', '--connection', 'acme', '--dry-run');
    expect(dry.stdout).toContain(`would replay ${idOf(letter)} `);
    expect(dry.stdout).toContain(`acme/910, ${idOf(letter)}: 1 later command was sent, the last ${later.id} at `);

    const run = await world.bridge('dead-letters', 'replay', '--connection', 'acme');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(await resultsOf(refused.id, 2)).toEqual(['rejected 0', 'sent 1']);
    const received = await world.simulator.journal({ kind: 'received', conversation: '910' });
    expect(received.map(({ status }) => status)).toEqual([400, 200, 200]);
    expect(received[2]?.body).toBe(received[0]?.body);
    const trace = traceparent.split('-')[1];
    const results = await world.topics.recordsOf(world.topics.names.sendResults);
    const replayed = results.find(({ headers }) => headers['x-command-replays'] === '1');
    expect(replayed?.headers['traceparent']?.split('-')[1]).toBe(trace);

    const again = await world.bridge('dead-letters', 'replay', '--connection', 'acme');
    expect(again.stdout).toBe('replayed 0 dead letters; skipped: 1 replayed already\n');
    const last = sendCommand({ connection: 'acme', conversation: '910', message: 'tchau' });
    await world.topics.publish([commandRecord(sendCommands, last)]);
    expect(await resultsOf(last.id, 1)).toEqual(['sent 0']);
    expect(await world.simulator.journal({ kind: 'received', conversation: '910' })).toHaveLength(4);
  });

  it('and refuses once more, is a dead letter of its own, and is sent by the next replay', async () => {
    const { workspace } = world.connection('acme');
    await world.simulator.addFault(workspace, { ...fault, conversation: '911' });
    const commands = ['um', 'dois'].map((message) => {
      return sendCommand({ connection: 'acme', conversation: '911', message });
    });
    const { sendCommands } = world.topics.names;
    await world.topics.publish(commands.map((command) => commandRecord(sendCommands, command)));
    for (const { id } of commands) expect(await resultsOf(id, 1)).toEqual(['rejected 0']);

    const first = await world.bridge('dead-letters', 'replay', '--reason', 'rejected');
    expect(first.stdout).toContain('replayed 2 dead letters');
    for (const { id } of commands) expect(await resultsOf(id, 2)).toEqual(['rejected 0', 'rejected 1']);
    const [, letter] = await lettersWith(commands[0]?.id ?? '', 2);
    expect(letter?.headers['x-dead-letter-replays']).toBe('1');

    await world.simulator.clearFaults(workspace);
    const second = await world.bridge('dead-letters', 'replay', '--reason', 'rejected');
    expect(second.stdout).toContain('replayed 2 dead letters');
    for (const { id } of commands) expect(await resultsOf(id, 3)).toEqual(['rejected 0', 'rejected 1', 'sent 2']);
    const received = await world.simulator.journal({ kind: 'received', conversation: '911' });
    const texts = received.map(({ status, body }) => `${status} ${body.includes('dois') ? 'dois' : 'um'}`);
    expect(texts).toEqual(['400 um', '400 dois', '400 um', '400 dois', '200 um', '200 dois']);
  });
});

it('an event that had no route reaches its channel by a replay, and once', async () => {
  const post = (conversation: string, text: string) => {
    const body = JSON.stringify({ message_type: 'outgoing', content: text, conversation_id: conversation });
    return postWebhook(world.connection('acme'), body);
  };
  expect(await post('920', 'sem rota')).toMatchObject({ status: 200 });
  const [letter] = await lettersWith('sem rota', 1);
  expect(letter?.headers['x-dead-letter-reason']).toBe('unroutable');

  const path = world.file('bridge.yaml');
  const bridge = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...bridge, defaultChannel: 'triage' }));
  expect(await world.app('router').terminate()).toMatchObject({ code: 0 });
  await world.start('router');

  const arrived = (text: string, count = 1) =>
    world.topics.until(world.topics.names.channelMessages, text, (records) => {
      const own = records.filter(({ value }) => value?.includes(text));
      return own.length >= count && own;
    });
  const run = await world.bridge('dead-letters', 'replay', '--reason', 'unroutable');
  expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('replayed 1 dead letter\n') });
  const [message] = await arrived('sem rota');
  const event = JSON.parse(letter?.value ?? '') as { id: string };
  expect(message?.key).toBe('acme/920');
  expect(JSON.parse(message?.value ?? '')).toMatchObject({ ...event, channel: 'triage', duplicateSuspected: false });
  expect(message?.headers['traceparent']?.split('-')[1]).toBe(letter?.headers['traceparent']?.split('-')[1]);

  const again = await world.bridge('dead-letters', 'replay', '--reason', 'unroutable');
  expect(again.stdout).toBe('replayed 0 dead letters; skipped: 1 replayed already\n');
  expect(await post('920', 'depois')).toMatchObject({ status: 200 });
  await arrived('depois');
  expect(await arrived('sem rota')).toHaveLength(1);
});
