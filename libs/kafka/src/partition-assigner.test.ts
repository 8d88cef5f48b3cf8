import { expect, it } from 'vitest';
import { partitionAssigner } from './partition-assigner.ts';

/** An assigner over a cluster whose search for a coordinator ends like this. */
function clusterThatFinds(answer: () => Promise<unknown>) {
  const cluster = { findGroupCoordinator: answer, findTopicPartitionMetadata: () => [] };
  const given = { cluster, groupId: 'group', logger: undefined } as unknown as Parameters<
    ReturnType<typeof partitionAssigner>
  >[0];
  const joins: string[] = [];
  partitionAssigner(async () => void joins.push('before'))(given);
  return { find: cluster.findGroupCoordinator, joins };
}

const failure = (name: string) =>
  Object.assign(new Error('Failed to find group coordinator'), { name, retriable: false });

it('that no coordinator is found passes: the consumer starts anew', async () => {
  const { find } = clusterThatFinds(() => Promise.reject(failure('KafkaJSGroupCoordinatorNotFound')));
  await expect(find()).rejects.toMatchObject({ retriable: true });
});

it('what else kafkajs holds for final stays final', async () => {
  const { find } = clusterThatFinds(() => Promise.reject(failure('KafkaJSUnsupportedMagicByteInMessageSet')));
  await expect(find()).rejects.toMatchObject({ retriable: false });
});

it('hands over before it joins', async () => {
  const order: string[] = [];
  const broker = { joinGroup: async () => void order.push('join') };
  const { find, joins } = clusterThatFinds(async () => broker);
  await find();
  await broker.joinGroup();
  expect([...joins, ...order]).toEqual(['before', 'join']);
});
