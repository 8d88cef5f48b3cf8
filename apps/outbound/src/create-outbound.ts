import type { BridgeConfigWatch } from '@bridge/config';
import { consumeInLanes, createPublisher, pause } from '@bridge/kafka';
import type { KafkaClient } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';
import { traceparent, traceSends } from '@bridge/telemetry';
import type { Logger } from '@bridge/telemetry';
import { createBotClient } from './bot-client.ts';
import { createCommandHandler } from './command-handler.ts';
import { createConnectionGates } from './connection-gates.ts';
import type { DeliveryContext } from './deliver-send-command.ts';
import { retryReason, statusClass } from './metrics.ts';
import type { OutboundMetrics } from './metrics.ts';
import type { RetryLimits } from './plan-retry.ts';
import { createResultLedger, duplicateWindowMs } from './result-ledger.ts';
import { createResultStore } from './result-store.ts';
import { traceAttempts, traceCommands } from './trace-delivery.ts';

/** Results wait so long for others: less than any bot takes, and of a conversation only the next result waits for them. */
const lingerMs = 5;

/** The parts of outbound, in the order of their start: what publishes, what calls, what consumes. */
export function createOutbound(options: {
  client: KafkaClient;
  config: Pick<BridgeConfigWatch<'flowApiKey' | 'botUrl'>, 'current' | 'onChange' | 'reread'>;
  attemptTimeoutMs: number;
  limits: RetryLimits;
  log: Logger;
  metrics: OutboundMetrics;
  fail(error: unknown): void;
}) {
  const { client, config, limits, log, metrics } = options;
  const { topicPrefix } = client.settings;
  const topics = topicNames(topicPrefix);
  const bot = createBotClient({ timeoutMs: options.attemptTimeoutMs, allow: config.current().egress.allow });
  const publisher = createPublisher({ client, maxRecordBytes: 5 << 20, lingerMs, onBatch: metrics.onBatch });
  const ledger = createResultLedger();
  const gates = createConnectionGates(
    (wait) => consumer.mustGiveWay(wait),
    (change) => logBreaker(change, log),
  );
  config.onChange(() => {
    const { connections, egress } = config.current();
    bot.permit(egress.allow);
    gates.adopt(connections);
  });
  const handle = createCommandHandler({
    store: traceSends(createResultStore({ publisher, log })),
    ledger,
    topics,
    traceparent,
    log,
    metrics,
    delivery: {
      connectionOf: (id) => config.current().connections.get(id),
      reread: config.reread,
      limits,
      judgeByLedger: ledger.judge,
      enter: measuring(gates.enter, metrics),
      leave: gates.leave,
      callBot: traceAttempts((connection, body) => bot.post(connection.botUrl, connection.flowApiKey, body)),
      now: () => new Date(),
      random: Math.random,
      wait: pause,
      onAttempt: ({ connection, verdict, seconds }) => {
        metrics.attempts.inc({ connection, verdict: verdict.kind, status: statusClass(verdict) });
        metrics.attemptSeconds.observe({ connection }, seconds);
      },
      onRetry: ({ connection, verdict }) => metrics.retries.inc({ connection, reason: retryReason(verdict) }),
    },
  });
  const groupId = `${topicPrefix}.outbound`;
  const consumer = consumeInLanes({
    client,
    groupId,
    topic: topics.sendCommands,
    handle: traceCommands(handle, groupId),
    ledger: { topic: topics.sendResults, rewindMs: duplicateWindowMs, onOpen: ledger.open, onRecord: ledger.learn },
    onCrowded: gates.crowdOut,
    onFatal: options.fail,
  });
  metrics.watch({ gates: gates.states, unfinished: consumer.unfinished, progress: consumer.progress });
  return [publisher, { name: 'bot client', stop: bot.close }, consumer] as const;
}

/** Of those that are let through: how long they waited. */
function measuring(enter: DeliveryContext['enter'], { waitSeconds }: OutboundMetrics): DeliveryContext['enter'] {
  return async (connection, wait) => {
    const since = performance.now();
    const entry = await enter(connection, wait);
    if (entry === 'entered') waitSeconds.observe({ connection: connection.id }, (performance.now() - since) / 1_000);
    return entry;
  };
}

function logBreaker({ connection, state }: { connection: string; state: 'open' | 'closed' }, log: Logger): void {
  if (state === 'open')
    log.warn({ connection }, 'bot_url is not called for a while: it fails, or refuses the flow API key');
  else log.info({ connection }, 'bot_url is called again');
}
