import { randomBytes } from 'node:crypto';
import { startKafkaCluster } from '@bridge/tools/kafka-cluster';
import type { ClusterNode } from '@bridge/tools/kafka-cluster';
import { canRunByJava } from '@bridge/tools/local-kafka';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { pause } from './pause.ts';
import { createPublisher } from './publisher.ts';
import { clientOf, contentOf } from './testing/world.ts';
import { withAdmin } from './topics.ts';

/** What only several brokers show: how it goes on in the partitions of one when something is wrong with the other. */
describe.skipIf(!(await canRunByJava()))('with two brokers', () => {
  let cluster: Awaited<ReturnType<typeof startKafkaCluster>>;
  const client = () => clientOf(cluster.brokers);
  const second = () => cluster.nodes[1]!;

  beforeAll(async () => {
    cluster = await startKafkaCluster(2);
  });
  afterAll(() => cluster?.stop());

  /** A topic whose partitions have these replicas, the leader first. */
  async function createTopic(replicas: number[][], maxMessageBytes = 4 << 20): Promise<string> {
    const topic = `t-${randomBytes(6).toString('hex')}`;
    const replicaAssignment = replicas.map((of, partition) => ({ partition, replicas: of }));
    const configEntries = [{ name: 'max.message.bytes', value: String(maxMessageBytes) }];
    await withAdmin(client(), (admin) => admin.createTopics({ topics: [{ topic, replicaAssignment, configEntries }] }));
    return topic;
  }

  function startPublisher(requestTimeoutMs = 10_000) {
    const publisher = createPublisher({ client: client(), requestTimeoutMs });
    onTestFinished(() => publisher.stop({ deadline: new Date(Date.now() + 5_000) }));
    const publish = (topic: string, partition: number, value: string) =>
      publisher.publish([{ topic, partition, key: 'any', value, headers: {} }]);
    return { ...publisher, publish };
  }

  /** Its last thread stops a while after the signal. */
  async function hang({ processGroup, address }: ClusterNode): Promise<void> {
    process.kill(-processGroup, 'SIGSTOP');
    onTestFinished(() => void process.kill(-processGroup, 'SIGCONT'));
    for (let answers = true; answers;) {
      const connection = await client()
        .connectBroker(address, 1_000)
        .catch(() => undefined);
      await connection?.close();
      answers = connection !== undefined;
    }
  }

  const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

  test('one that hangs delays nothing but the partitions that it leads', async () => {
    const topic = await createTopic([[1], [2]]);
    const publisher = startPublisher(1_000);
    for (const partition of [0, 1]) await publisher.publish(topic, partition, 'before');

    await hang(second());
    let isLate = true;
    const late = publisher.publish(topic, 1, 'late').finally(() => (isLate = false));
    for (const value of numbers(20)) await publisher.publish(topic, 0, value);
    // By now its request was given up, and the brokers were asked who leads what.
    await pause(1_500);
    for (const value of numbers(20)) await publisher.publish(topic, 0, value);
    // Nor does it delay one that knows nothing yet.
    const other = startPublisher(1_000);
    await other.start();
    await other.publish(topic, 0, 'other');
    expect(publisher.ready()).toBe(true);
    expect(isLate).toBe(true);

    process.kill(-second().processGroup, 'SIGCONT');
    await late;
    const stored = await contentOf(client(), topic, 44);
    const valuesOf = (partition: number) =>
      stored.filter((one) => one.partition === partition).map(({ value }) => value);
    expect(valuesOf(0)).toEqual(['before', ...numbers(20), ...numbers(20), 'other']);
    expect([...new Set(valuesOf(1))]).toEqual(['before', 'late']);
  });

  test('a record that one of them finds too large repeats nothing that was stored beside it', async () => {
    const topic = await createTopic([[1], [2], [1], [2]], 2_000);
    const publisher = startPublisher();
    const large = 'x'.repeat(5_000);
    const calls = [0, 1, 2, 3].flatMap((partition) =>
      ['first', partition === 2 ? large : 'second', 'third'].map((value) => publisher.publish(topic, partition, value)),
    );
    const refused = (await Promise.allSettled(calls)).flatMap(({ status }, index) =>
      status === 'rejected' ? [index] : [],
    );
    expect(refused).toEqual([7]);
    const stored = await contentOf(client(), topic, 11);
    const valuesOf = (partition: number) =>
      stored.filter((one) => one.partition === partition).map(({ value }) => value);
    for (const partition of [0, 1, 3]) expect(valuesOf(partition)).toEqual(['first', 'second', 'third']);
    expect(valuesOf(2)).toEqual(['first', 'third']);
  });

  test('when one leaves, its partitions go on with the other: nothing is lost, out of order, or doubled but what it had not answered', async () => {
    const topic = await createTopic([
      [1, 2],
      [2, 1],
      [2, 1],
    ]);
    const publisher = startPublisher();
    const acked = new Map<string, string>();
    let isGone = false;
    async function publishOn(partition: number): Promise<number> {
      let count = 0;
      for (let left = 50; left > 0; left -= isGone ? 1 : 0, count += 1) {
        const value = `${partition}/${count}`;
        const [ack] = await publisher.publish(topic, partition, value);
        acked.set(`${ack?.partition}@${ack?.offset}`, value);
      }
      return count;
    }
    const publishing = Promise.all([0, 1, 2].map(publishOn));
    await pause(300);
    await second().stop();
    isGone = true;
    const counts = await publishing;

    const stored = await contentOf(client(), topic, acked.size);
    const placed = new Map(stored.map(({ partition, offset, value }) => [`${partition}@${offset}`, value]));
    for (const [place, value] of acked) expect(placed.get(place)).toBe(value);
    for (const [partition, count] of counts.entries()) {
      const values = stored.filter((one) => one.partition === partition).map(({ value }) => value);
      expect([...new Set(values)]).toEqual(numbers(count).map((number) => `${partition}/${number}`));
      expect(values.length - count).toBeLessThanOrEqual(partition === 0 ? 0 : 1);
    }
  });
});
