import { kafkaSettings, loadBridgeConfig, readEnv } from '@bridge/config';
import { connectKafka, consumeInBatches, createPublisher, waitForTopics } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';
import { runService } from '@bridge/service';
import { createLogger, createMetrics, traceparent } from '@bridge/telemetry';
import { routerEnv } from './env.ts';
import { createRouterMetrics } from './metrics.ts';
import { planBatch } from './plan-batch.ts';
import { seenByPartition } from './repeated-events.ts';
import { reportMapping } from './report-mapping.ts';

const name = 'router';
const env = readEnv(routerEnv, process.env);
const log = createLogger({ name, level: env.LOG_LEVEL, format: env.LOG_FORMAT });
const appMetrics = createMetrics(name);
const metrics = createRouterMetrics(appMetrics);

await runService({
  name,
  log,
  host: env.HOST,
  port: env.ROUTER_PROBES_PORT,
  metrics: appMetrics.render,
  build: async ({ fail }) => {
    const settings = kafkaSettings(env);
    const rules = loadBridgeConfig({ path: env.BRIDGE_CONFIG, env: process.env, secrets: [], allowUnsigned: true });
    const topics = topicNames(settings.topicPrefix);
    const ownTopics = [...rules.channels.values()].flatMap(({ topic }) => topic ?? []);
    const client = connectKafka({ settings, clientId: `${settings.topicPrefix}.${name}`, log });
    await waitForTopics(client, [topics.inboundEvents, topics.channelMessages, topics.deadLetters, ...ownTopics]);

    const publisher = createPublisher({ client, maxRecordBytes: 5 << 20 });
    const seen = seenByPartition();
    const consumer = consumeInBatches({
      client,
      groupId: `${settings.topicPrefix}.${name}`,
      topic: topics.inboundEvents,
      publisher,
      plan: (records) =>
        planBatch(records, {
          rules,
          seen: seen(records[0]?.partition ?? 0),
          destinations: { ...topics, traceparent },
          now: new Date(),
          report: (mapping, record) => reportMapping(mapping, record, { log, metrics }),
        }),
      onFatal: fail,
    });
    return [publisher, consumer];
  },
});
