import { followLogLevel, kafkaSettings, readEnv, watchBridgeConfig } from '@bridge/config';
import { connectKafka, TopicError, waitForTopics } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';
import { runService } from '@bridge/service';
import { createLogger, createMetrics } from '@bridge/telemetry';
import { createOutbound } from './create-outbound.ts';
import { outboundEnv } from './env.ts';
import { createOutboundMetrics } from './metrics.ts';

await runService(() => {
  const name = 'outbound';
  const env = readEnv(outboundEnv, process.env);
  const log = createLogger({ name, level: env.LOG_LEVEL, format: env.LOG_FORMAT });
  const metrics = createMetrics(name);

  async function build({ fail }: { fail: (error: unknown) => void }) {
    const settings = kafkaSettings(env);
    const { sendCommands, sendResults, deadLetters } = topicNames(settings.topicPrefix);
    const secrets = ['flowApiKey', 'botUrl'] as const;
    const config = watchBridgeConfig({
      path: env.BRIDGE_CONFIG,
      env: process.env,
      secrets,
      allowUnsigned: true,
      log,
      metrics,
    });
    followLogLevel(config, log);
    const client = connectKafka({ settings, clientId: `${settings.topicPrefix}.${name}`, log });
    const counts = await waitForTopics(client, [sendCommands, sendResults, deadLetters]);
    requireSameCount(counts, sendCommands, sendResults);

    const parts = createOutbound({
      client,
      config,
      attemptTimeoutMs: env.OUTBOUND_ATTEMPT_TIMEOUT_MS,
      limits: { maxAttempts: env.OUTBOUND_MAX_ATTEMPTS, maxAgeMs: env.OUTBOUND_MAX_AGE_MS },
      log,
      metrics: createOutboundMetrics(metrics, sendCommands),
      fail,
    });
    return [config, ...parts];
  }
  const readinessGraceMs = env.READINESS_GRACE_MS;
  return {
    name,
    log,
    readinessGraceMs,
    host: env.HOST,
    port: env.OUTBOUND_PROBES_PORT,
    metrics: metrics.render,
    build,
  };
});

/** A result lies in the partition of its command: with unequal counts there is no such partition for some. */
function requireSameCount(counts: Map<string, number>, commands: string, results: string): void {
  if (counts.get(commands) === counts.get(results)) return;
  throw new TopicError(
    `${commands} has ${counts.get(commands)} partitions and ${results} has ${counts.get(results)}: they must be equal`,
  );
}
