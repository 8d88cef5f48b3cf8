import { AssignerProtocol } from 'kafkajs';
import type { PartitionAssigner } from 'kafkajs';
import type { Membership } from './membership.ts';
import type { GroupMember } from './wire/group-offsets.ts';

type Request = (payload: unknown) => Promise<unknown>;
type Coordinator = Record<'joinGroup' | 'syncGroup' | 'heartbeat' | 'leaveGroup', Request>;
type Cluster = {
  findGroupCoordinator(request: unknown): Promise<Coordinator>;
  findTopicPartitionMetadata(topic: string): { partitionId: number }[];
};

type Group = { beforeJoin(): Promise<void>; membership: Membership };

const version = 0;
const userData = Buffer.alloc(0);

/**
 * Gives partition p of every topic to the same member, so that what belongs together in several topics of equal
 * partition counts stays together.
 *
 * kafkajs says that a rebalance has come, but waits for nobody before it joins again. An assigner is the one part of
 * ours that gets hold of the connection that joins: here `beforeJoin` is awaited before each request to join, and
 * `membership` sees the requests that only a member is answered.
 */
export function partitionAssigner(group: Group): PartitionAssigner {
  return (given) => {
    const cluster = given.cluster as unknown as Cluster;
    watchCoordinator(cluster, group);
    return {
      name: 'bridge-same-partition',
      version,
      protocol: ({ topics }) => ({
        name: 'bridge-same-partition',
        metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData }),
      }),
      assign: async ({ members, topics }) => {
        const ids = members.map(({ memberId }) => memberId).toSorted();
        return ids.map((memberId, index) => {
          const mine = (topic: string) => partitionsOf(cluster, topic).filter((one) => one % ids.length === index);
          const assignment = Object.fromEntries(topics.map((topic) => [topic, mine(topic)]));
          return {
            memberId,
            memberAssignment: AssignerProtocol.MemberAssignment.encode({ version, assignment, userData }),
          };
        });
      },
    };
  };
}

const partitionsOf = (cluster: Cluster, topic: string) =>
  cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);

function watchCoordinator(cluster: Cluster, { beforeJoin, membership }: Group): void {
  const find = cluster.findGroupCoordinator.bind(cluster);
  const watched = new WeakSet<Coordinator>();
  cluster.findGroupCoordinator = async (request) => {
    const coordinator = await find(request).catch(mendable);
    if (watched.has(coordinator)) return coordinator;
    watched.add(coordinator);
    const join = coordinator.joinGroup.bind(coordinator);
    coordinator.joinGroup = async (payload) => {
      await beforeJoin();
      return join(payload);
    };
    const sync = coordinator.syncGroup.bind(coordinator);
    coordinator.syncGroup = async (payload) => {
      const answer = await membership.ask(() => sync(payload));
      const { memberId, generationId } = payload as GroupMember;
      membership.member = { memberId, generationId };
      return answer;
    };
    const heartbeat = coordinator.heartbeat.bind(coordinator);
    coordinator.heartbeat = (payload) => membership.ask(() => heartbeat(payload));
    const leave = coordinator.leaveGroup.bind(coordinator);
    coordinator.leaveGroup = (payload) => {
      membership.leave();
      return leave(payload);
    };
    return coordinator;
  };
}

/**
 * While the only broker restarts, kafkajs finds no coordinator and takes that for final: every member would be lost at
 * once. Marked as passing, it makes the consumer start anew, as it does when no broker answers.
 */
function mendable(error: unknown): never {
  const { name } = error as Error;
  if (name === 'KafkaJSGroupCoordinatorNotFound') Object.assign(error as Error, { retriable: true });
  throw error;
}
