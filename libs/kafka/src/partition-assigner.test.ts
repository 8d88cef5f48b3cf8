import { expect, it } from 'vitest';
import { createMembership } from './membership.ts';
import { partitionAssigner } from './partition-assigner.ts';
import type { GroupMember } from './wire/group-offsets.ts';

/** An assigner over a cluster whose search for a coordinator ends like this. */
function clusterThatFinds(answer: () => Promise<unknown>) {
  const cluster = { findGroupCoordinator: answer, findTopicPartitionMetadata: () => [] };
  const given = { cluster, groupId: 'group', logger: undefined } as unknown as Parameters<
    ReturnType<typeof partitionAssigner>
  >[0];
  const joins: string[] = [];
  const membership = createMembership({ sessionMs: 1_000 });
  partitionAssigner({ beforeJoin: async () => void joins.push('before'), membership })(given);
  return { find: cluster.findGroupCoordinator, joins, membership };
}

const coordinatorThat = (does: { joinGroup?: () => Promise<void> }) => {
  const answers = async () => {};
  const syncGroup = async (_as: GroupMember) => {};
  return { joinGroup: answers, syncGroup, heartbeat: answers, leaveGroup: answers, ...does };
};

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
  const coordinator = coordinatorThat({ joinGroup: async () => void order.push('join') });
  const { find, joins } = clusterThatFinds(async () => coordinator);
  await find();
  await coordinator.joinGroup();
  expect([...joins, ...order]).toEqual(['before', 'join']);
});

it('is sure of its membership once the group has answered, however often the coordinator is looked for', async () => {
  const coordinator = coordinatorThat({});
  const { find, membership } = clusterThatFinds(async () => coordinator);
  await find();
  await find();
  await coordinator.joinGroup();
  expect(membership.sureForMs()).toBe(-Infinity);
  await coordinator.syncGroup({ memberId: 'one', generationId: 7 });
  expect(membership.sureForMs()).toBeGreaterThan(0);
  expect(membership.member).toEqual({ memberId: 'one', generationId: 7 });
  const leaving = coordinator.leaveGroup();
  expect(membership.sureForMs()).toBe(-Infinity);
  await leaving;
});
