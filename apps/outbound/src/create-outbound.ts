import { consumeInLanes, createPublisher, pause } from '@bridge/kafka';
import type { KafkaClient } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';
import { traceparent } from '@bridge/telemetry';
import type { Logger } from '@bridge/telemetry';
import { createBotClient } from './bot-client.ts';
import { createCommandHandler } from './command-handler.ts';
import { createConnectionGates } from './connection-gates.ts';
import type { OutboundConnection } from './deliver-send-command.ts';
import type { OutboundMetrics } from './metrics.ts';
import type { RetryLimits } from './plan-retry.ts';
import { createResultLedger, duplicateWindowMs } from './result-ledger.ts';
import { createResultStore } from './result-store.ts';

/** The parts of outbound, in the order of their start: what publishes, what calls, what consumes. */
export function createOutbound(options: {
  client: KafkaClient;
  connections: ReadonlyMap<string, OutboundConnection>;
  /** Where connections may be made besides https to the public internet: hosts, addresses and CIDRs. */
  egressAllow: readonly string[];
  attemptTimeoutMs: number;
  limits: RetryLimits;
  log: Logger;
  metrics: OutboundMetrics;
  fail(error: unknown): void;
}) {
  const { client, connections, limits, log, metrics } = options;
  const { topicPrefix } = client.settings;
  const topics = topicNames(topicPrefix);
  const bot = createBotClient({ timeoutMs: options.attemptTimeoutMs, allow: options.egressAllow });
  const publisher = createPublisher({ client, maxRecordBytes: 5 << 20 });
  const ledger = createResultLedger();
  const gates = createConnectionGates(
    (partition) => consumer.isFull(partition),
    ({ connection, state }) => {
      if (state === 'open')
        log.warn({ connection }, 'bot_url is not called for a while: it fails, or refuses the flow API key');
      else log.info({ connection }, 'bot_url is called again');
    },
  );
  const handle = createCommandHandler({
    store: createResultStore({ publisher, deadLetters: topics.deadLetters, log }),
    ledger,
    topics,
    traceparent,
    log,
    metrics,
    delivery: {
      connections,
      limits,
      judgeByLedger: ledger.judge,
      enter: gates.enter,
      leave: gates.leave,
      callBot: (connection, body) => bot.post(connection.botUrl, connection.flowApiKey, body),
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
    groupId: `${topicPrefix}.outbound`,
    topic: topics.sendCommands,
    handle,
    ledger: { topic: topics.sendResults, rewindMs: duplicateWindowMs, onOpen: ledger.open, onRecord: ledger.learn },
    onFull: gates.crowdOut,
    onFatal: options.fail,
  });
  metrics.watch({ gates: gates.states, unfinished: consumer.unfinished });
  return [publisher, { name: 'bot client', stop: bot.close }, consumer];
}
