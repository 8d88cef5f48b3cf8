import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { consumeInTransactions } from './consume-in-transactions.ts';
import { createPublisher } from './publisher.ts';
import { readTopic } from './read-topic.ts';
import { kafkaWorld } from './testing/world.ts';

const world = kafkaWorld();
const soon = () => new Date(Date.now() + 15_000);
const patience = { timeout: 120_000, interval: 200 };

/** A real process: SIGSTOP stops all of it, its heartbeats too. */
function startSleeper(groupId: string, input: string, output: string, request: string) {
  const script = fileURLToPath(new URL('./testing/sleeping-member.ts', import.meta.url));
  const child = spawn(process.execPath, [script, world.brokers, groupId, input, output, request]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text));
  const ended = once(child, 'close');
  return {
    said: () => said.join(''),
    wake: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill('SIGTERM');
      return (await ended)[0] as number | null;
    },
  };
}

function startMember(groupId: string, input: string, output: string) {
  const consumer = consumeInTransactions({
    client: world.client,
    groupId,
    topic: input,
    plan: (records) => ({
      outgoing: records.map(({ key, value }) => ({ topic: output, key, value, headers: {} })),
      stored: () => {},
    }),
    forget: () => {},
    recall: () => {},
    recallMs: 60_000,
    onFatal: (error) => {
      throw error;
    },
  });
  return consumer;
}

// The broker has ended the transaction of the first; the group takes nothing from the second.
test.concurrent.each(['EndTxn', 'TxnOffsetCommit'])(
  'a process that is stopped before %s, and wakes up after its partitions went elsewhere, doubles and loses nothing',
  { timeout: 240_000 },
  async (request) => {
    const [input, output, groupId] = [await world.topic(), await world.topic(), `g-${randomUUID()}`];
    const publisher = createPublisher({ client: world.client });
    const publish = (from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, index) => {
          const value = String(from + index);
          return publisher.publish([{ topic: input, key: `c${(from + index) % 20}`, value, headers: {} }]);
        }),
      );
    const seen: { key: string | null; value: number }[] = [];
    const onRecord = ({ key, value }: { key: string | null; value: string | null }) =>
      void seen.push({ key, value: Number(value) });
    const reader = await readTopic({ client: world.client, topic: output, from: 'beginning', onRecord });
    const sleeper = startSleeper(groupId, input, output, request);
    let sent = 0;
    async function publishMore(count: number): Promise<void> {
      await publish(sent, sent + count);
      sent += count;
    }
    await publishMore(40);
    await expect.poll(() => seen.length, patience).toBeGreaterThan(0);
    const asleep = async () => {
      if (!sleeper.said().includes('asleep')) await publishMore(40);
      return sleeper.said();
    };
    await expect.poll(asleep, patience).toContain('asleep');
    const beforeIt = seen.length;

    const member = startMember(groupId, input, output);
    await member.start();
    await publishMore(200);
    // The other one has all of it, by all that anybody can tell: the sleeper is no member any more.
    await expect.poll(() => seen.length, patience).toBe(sent);
    expect(beforeIt).toBeLessThan(sent - 200);
    expect(sleeper.said()).not.toContain('a transaction failed');
    sleeper.wake();
    await expect.poll(sleeper.said, patience).toContain('a transaction failed; the partition is taken over anew');
    await publishMore(200);
    await expect.poll(() => seen.length, patience).toBeGreaterThanOrEqual(sent);

    expect(await sleeper.stop()).toBe(0);
    await member.stop({ deadline: soon() });
    await publisher.stop({ deadline: soon() });
    await reader.stop();
    const inOrder = seen.map(({ value }) => value).toSorted((a, b) => a - b);
    expect(inOrder).toEqual(Array.from({ length: sent }, (_, index) => index));
    for (let key = 0; key < 20; key += 1) {
      const ofKey = seen.filter((one) => one.key === `c${key}`).map(({ value }) => value);
      expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
    }
  },
);
