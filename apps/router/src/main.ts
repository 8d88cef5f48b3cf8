import { followLogLevel, kafkaSettings, readEnv } from '@bridge/config';
import { connectKafka, consumeInTransactions, untilBrokerAnswers, waitForTopics } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';
import { runService } from '@bridge/service';
import { createLogger, createMetrics, traceparent } from '@bridge/telemetry';
import { createChannelTopics } from './channel-topics.ts';
import { routerEnv } from './env.ts';
import { createRouterMetrics } from './metrics.ts';
import { planBatch } from './plan-batch.ts';
import { createMemory } from './memory.ts';
import { redeliveryWindowMs } from './repeated-events.ts';
import { reportMapping } from './report-mapping.ts';
import { requireChannelTopics } from './require-channel-topics.ts';
import { createBatchTracer } from './trace-batch.ts';
import { ownTopicsOf, watchRoutes } from './watch-routes.ts';

await runService(() => {
  const name = 'router';
  const env = readEnv(routerEnv, process.env);
  const log = createLogger({ name, level: env.LOG_LEVEL, format: env.LOG_FORMAT });
  const appMetrics = createMetrics(name);

  async function build({ fail }: { fail: (error: unknown) => void }) {
    const settings = kafkaSettings(env);
    const groupId = `${settings.topicPrefix}.${name}`;
    const topics = topicNames(settings.topicPrefix);
    const metrics = createRouterMetrics(appMetrics, topics.inboundEvents);
    const client = connectKafka({ settings, clientId: groupId, log });
    const bridgeTopics = Object.values(topics);
    const config = watchRoutes({ path: env.BRIDGE_CONFIG, client, bridgeTopics, log, metrics: appMetrics });
    followLogLevel(config, log);
    await waitForTopics(client, [topics.inboundEvents, topics.channelMessages, topics.deadLetters]);
    await untilBrokerAnswers(client, () => requireChannelTopics(client, ownTopicsOf(config.current()), bridgeTopics));

    const memory = createMemory();
    const channelTopics = createChannelTopics({ bridgeTopics });
    const trace = createBatchTracer({ topic: topics.inboundEvents, groupId });
    const consumer = consumeInTransactions({
      client,
      groupId,
      topic: topics.inboundEvents,
      forget: memory.forget,
      recall: memory.recall,
      // A minute more than the window, for the clocks of several ingress processes.
      recallMs: redeliveryWindowMs + 60_000,
      plan(records, refusals) {
        const { partition = -1 } = records[0] ?? {};
        return channelTopics.plan(partition, refusals, (refusedBy) => {
          const planned = planBatch(records, {
            rules: config.current(),
            seen: memory.of(partition),
            destinations: { ...topics, traceparent },
            refusedBy,
            now: new Date(),
            report: (mapping, record) => reportMapping(mapping, record, { log, metrics }),
          });
          return trace(records, planned);
        });
      },
      onTransaction: (outcome) => metrics.transactions.inc({ outcome }),
      onFatal: fail,
    });
    metrics.watch(consumer.progress);
    return [config, consumer];
  }
  const readinessGraceMs = env.READINESS_GRACE_MS;
  return {
    name,
    log,
    readinessGraceMs,
    host: env.HOST,
    port: env.ROUTER_PROBES_PORT,
    metrics: appMetrics.render,
    build,
  };
});
