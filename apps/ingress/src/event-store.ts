import { createPublisher, waitForTopics } from '@bridge/kafka';
import type { KafkaClient } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';
import type { Log, Part } from '@bridge/service';
import { traceBatches } from '@bridge/telemetry';
import type { Metrics } from '@bridge/telemetry';
import { createGiveUp } from './give-up.ts';
import { createEventMetrics, createSpoolMetrics } from './metrics.ts';
import type { Spool } from './spool.ts';
import { createSpoolDrainer } from './spool-drainer.ts';
import { storeInboundEvents } from './store-inbound-events.ts';
import { createTopicsWatch } from './topics-watch.ts';
import type { StoreEvents } from './webhook-handler.ts';

/** How events are kept, and the parts that do it, in the order of their start. */
export type EventStore = { store: StoreEvents; parts: Part[] };

/** Kafka alone keeps the events: nothing starts without it. */
export async function createKafkaStore(client: KafkaClient, metrics: Metrics): Promise<EventStore> {
  await waitForTopics(client, [topicNames(client.settings.topicPrefix).inboundEvents]);
  const publisher = createPublisher({ client, ...createEventMetrics(metrics) });
  return { store: publisher.publish, parts: [publisher] };
}

/** Kafka keeps the events, and the spool whenever Kafka does not take them: nothing waits for Kafka. */
export function createSpooledStore(options: {
  client: KafkaClient;
  spool: Spool;
  metrics: Metrics;
  log: Log;
}): EventStore {
  const { client, spool, metrics, log } = options;
  const { inboundEvents, deadLetters } = topicNames(client.settings.topicPrefix);
  const { spooled, deadLettered } = createSpoolMetrics(metrics, inboundEvents, spool.size);
  const publisher = createPublisher({ client, ...createEventMetrics(metrics) });
  const { ready, stop } = publisher;
  // What comes from the spool belongs to requests that were answered long ago.
  const publish = traceBatches(publisher.publish);
  const giveUp = createGiveUp({ client, publish, topic: deadLetters, spool, deadLettered, log });
  const drainer = createSpoolDrainer({ spool, publisher: { publish, ready }, giveUp, log });
  const append: typeof spool.append = async (records) => {
    try {
      await spool.append(records);
      spooled(records.length);
    } finally {
      drainer.wake();
    }
  };
  return {
    store: storeInboundEvents({ publisher, spool: { append, isEmpty: spool.isEmpty }, log }),
    // The publisher is neither waited for nor asked whether it is ready: that is the spool's part now.
    parts: [spool, { name: 'publisher', stop }, drainer, createTopicsWatch({ client, topics: [inboundEvents], log })],
  };
}
