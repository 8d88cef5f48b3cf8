import { AssignerProtocol } from 'kafkajs';
import type { PartitionAssigner } from 'kafkajs';

type Broker = { joinGroup(request: unknown): Promise<unknown> };
type Cluster = {
  findGroupCoordinator(request: unknown): Promise<Broker>;
  findTopicPartitionMetadata(topic: string): { partitionId: number }[];
};

const version = 0;
const userData = Buffer.alloc(0);

/**
 * Gives partition p of every topic to the same member, so that what belongs together in several topics of equal
 * partition counts stays together.
 *
 * kafkajs says that a rebalance has come, but waits for nobody before it joins again. An assigner is the one part of
 * ours that gets hold of the connection that joins: here `beforeJoin` is awaited before each request to join.
 */
export function partitionAssigner(beforeJoin: () => Promise<void>): PartitionAssigner {
  return (given) => {
    const cluster = given.cluster as unknown as Cluster;
    waitBeforeJoining(cluster, beforeJoin);
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

function waitBeforeJoining(cluster: Cluster, beforeJoin: () => Promise<void>): void {
  const find = cluster.findGroupCoordinator.bind(cluster);
  const waiting = new WeakSet<Broker>();
  cluster.findGroupCoordinator = async (request) => {
    const broker = await find(request).catch(mendable);
    if (!waiting.has(broker)) {
      waiting.add(broker);
      const join = broker.joinGroup.bind(broker);
      broker.joinGroup = async (joining) => {
        await beforeJoin();
        return join(joining);
      };
    }
    return broker;
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
