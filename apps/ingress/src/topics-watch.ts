import { partitionCounts, pause, TopicError } from '@bridge/kafka';
import type { KafkaClient } from '@bridge/kafka';
import type { Log, Part } from '@bridge/service';

const retryMs = 5_000;

/** For an ingress that does not wait for the broker: says what is missing, until it is there once. */
export function createTopicsWatch(options: { client: KafkaClient; topics: string[]; log: Log }): Part {
  const { client, topics, log } = options;
  const stopping = new AbortController();

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await partitionCounts(client, topics);
        log.info({ topics }, 'the topics are there');
        return;
      } catch (error) {
        const { brokers } = client.settings;
        const fields = { brokers, error: error instanceof Error ? error.message : String(error) };
        // A missing topic is a fault that only people mend. To end here would refuse what the spool can take.
        if (error instanceof TopicError) log.error(fields, 'topics are missing: nothing can be published');
        else log.warn(fields, 'waiting for the Kafka broker, while the spool takes the webhooks');
        await pause(retryMs, stopping.signal);
      }
    }
  }

  return { name: 'topics watch', start: async () => void watch(), stop: async () => stopping.abort() };
}
