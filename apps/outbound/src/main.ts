import { kafkaSettings, loadBridgeConfig, readEnv } from '@bridge/config';
import { connectKafka, consumeInLanes, createPublisher, pause, TopicError, waitForTopics } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';
import { runService } from '@bridge/service';
import { createLogger, createMetrics, traceparent } from '@bridge/telemetry';
import { createBotClient } from './bot-client.ts';
import { createCommandHandler } from './command-handler.ts';
import { outboundEnv } from './env.ts';
import { createConnectionGates } from './connection-gates.ts';
import { createOutboundMetrics } from './metrics.ts';
import { createResultLedger, duplicateWindowMs } from './result-ledger.ts';

await runService(() => {
  const name = 'outbound';
  const env = readEnv(outboundEnv, process.env);
  const log = createLogger({ name, level: env.LOG_LEVEL, format: env.LOG_FORMAT });
  const appMetrics = createMetrics(name);
  const metrics = createOutboundMetrics(appMetrics);

  async function build({ fail }: { fail: (error: unknown) => void }) {
    const settings = kafkaSettings(env);
    const groupId = `${settings.topicPrefix}.${name}`;
    const topics = topicNames(settings.topicPrefix);
    const secrets = ['flowApiKey', 'botUrl'] as const;
    const { connections } = loadBridgeConfig({
      path: env.BRIDGE_CONFIG,
      env: process.env,
      secrets,
      allowUnsigned: true,
    });
    const client = connectKafka({ settings, clientId: groupId, log });
    const counts = await waitForTopics(client, [topics.sendCommands, topics.sendResults, topics.deadLetters]);
    requireSameCount(counts, topics.sendCommands, topics.sendResults);

    const bot = createBotClient({ timeoutMs: env.OUTBOUND_ATTEMPT_TIMEOUT_MS });
    const publisher = createPublisher({ client, maxRecordBytes: 5 << 20 });
    const ledger = createResultLedger();
    const gates = createConnectionGates((partition) => consumer.isFull(partition));
    const handle = createCommandHandler({
      publisher,
      ledger,
      topics,
      traceparent,
      log,
      metrics,
      delivery: {
        connections,
        judgeByLedger: ledger.judge,
        enter: gates.enter,
        leave: gates.leave,
        callBot: (connection, body) => bot.post(connection.botUrl, connection.flowApiKey, body),
        limits: { maxAttempts: env.OUTBOUND_MAX_ATTEMPTS, maxAgeMs: env.OUTBOUND_MAX_AGE_MS },
        now: () => new Date(),
        random: Math.random,
        wait: pause,
        onAttempt: ({ connection, verdict, seconds }) => {
          metrics.attempts.inc({ connection, verdict: verdict.kind });
          metrics.attemptSeconds.observe({ connection }, seconds);
        },
      },
    });
    const consumer = consumeInLanes({
      client,
      groupId,
      topic: topics.sendCommands,
      handle,
      ledger: { topic: topics.sendResults, rewindMs: duplicateWindowMs, onOpen: ledger.forget, onRecord: ledger.learn },
      onFull: gates.crowdOut,
      onFatal: fail,
    });
    metrics.watch({ gates: gates.states, unfinished: consumer.unfinished });
    return [publisher, { name: 'bot client', stop: bot.close }, consumer];
  }
  return { name, log, host: env.HOST, port: env.OUTBOUND_PROBES_PORT, metrics: appMetrics.render, build };
});

/** A result lies in the partition of its command: with unequal counts there is no such partition for some. */
function requireSameCount(counts: Map<string, number>, commands: string, results: string): void {
  if (counts.get(commands) === counts.get(results)) return;
  throw new TopicError(
    `${commands} has ${counts.get(commands)} partitions and ${results} has ${counts.get(results)}: they must be equal`,
  );
}
