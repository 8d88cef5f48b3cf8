import { checkTopics, partitionCounts, TopicError } from '@bridge/kafka';
import type { KafkaClient } from '@bridge/kafka';
import { channelTopicSpec } from '@bridge/schemas';

/**
 * Throws a `TopicError` when one of the channels' own topics is missing, takes less than a channel message may have, or is
 * the bridge's, which would feed the bridge its own output. One that has no leader now may have one soon.
 */
export async function requireChannelTopics(
  client: KafkaClient,
  ownTopics: string[],
  bridgeTopics: string[],
): Promise<void> {
  const taken = ownTopics.find((topic) => bridgeTopics.includes(topic));
  if (taken)
    throw new TopicError(`the topic ${taken} is the bridge's own: give the channel another one in bridge.yaml`);
  await partitionCounts(client, ownTopics);
  const drifts = await checkTopics(client, [...new Set(ownTopics)].map(channelTopicSpec)).catch((error: unknown) => {
    if (!isNotPermitted(error)) throw error;
    client.log.warn({ ownTopics }, "not permitted to see how large a record the channels' own topics take");
    return [];
  });
  const small = drifts.filter(({ setting }) => setting === 'max.message.bytes');
  if (small.length === 0) return;
  const list = small.map(({ topic, found }) => `${topic} (max.message.bytes ${found})`).join(', ');
  throw new TopicError(
    `topics of channels take less than a channel message may have: ${list}. Set it to ${small[0]?.expected} or more with ` +
      'kafka-configs.sh, or take the topic from the channel in bridge.yaml',
  );
}

const isNotPermitted = (error: unknown) => (error as { type?: string }).type === 'TOPIC_AUTHORIZATION_FAILED';
