import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { partitionCounts } from '@bridge/kafka';
import { mergeAccounts } from './account.ts';
import type { Account, Violation } from './account.ts';
import { connectionCount, createChaosWorld } from './chaos-world.ts';
import type { ChaosWorld } from './chaos-world.ts';
import { checkCommands } from './check-commands.ts';
import { checkWebhooks } from './check-webhooks.ts';
import {
  commandRecordOf,
  deadLetter,
  eventRecord,
  lagOf,
  readWhole,
  receiptsOf,
  resultRecord,
} from './collect-evidence.ts';
import { createCommandLoad } from './command-load.ts';
import { dealConversations } from './conversations.ts';
import type { Evidence } from './evidence.ts';
import type { ChaosOptions } from './options.ts';
import { createFaultPerformer } from './perform-fault.ts';
import { members, planFaults } from './plan-faults.ts';
import { createTimeline } from './timeline.ts';
import type { Timeline } from './timeline.ts';
import { createWebhookLoad } from './webhook-load.ts';

const conversationCount = 60;
const settleLimitMs = 180_000;

type Loads = { webhooks: ReturnType<typeof createWebhookLoad>; commands: ReturnType<typeof createCommandLoad> };

/** One whole run: everything up, load and faults, everything healed, waited for, and accounted for. */
export async function runChaos(options: ChaosOptions, print: (line: string) => void): Promise<Account> {
  const timeline = createTimeline(print);
  const others: Violation[] = [];
  const violation = (detail: string) => void others.push({ hop: 'send-commands → bot_url', fault: 'other', detail });
  const world = await createChaosWorld({
    onCrash(member, { code, signal }) {
      const line = `${member} ended by itself with ${signal ?? `code ${code}`}, and is started again`;
      if (member !== 'simulator-1') timeline.end(timeline.begin({ name: 'crash', member }, line));
      // 69 and 70 are how an app without a broker, or out of its group for good, asks to be started again.
      if (code !== 69 && code !== 70) violation(line);
    },
  });
  let keepLogs = true;
  const interrupted = () => void world.close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const loads = await startAll(world, options.rate);
    timeline.say('everything runs, the load begins');
    await letThingsGoWrong({ world, timeline, options, loads, violation });
    const settled = await settle(world, timeline, loads);
    if (!settled) violation('not everything was finished within three minutes of peace');
    timeline.say('stopping the apps, reading what there is');
    const evidence = await collect(world, loads, violation);
    const account = mergeAccounts(
      { violations: others },
      checkWebhooks(evidence),
      checkCommands(evidence, timeline.happenings, timeline.startedAt),
    );
    keepLogs = options.keepLogs || account.violations.length > 0;
    return account;
  } finally {
    await world.close();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    if (keepLogs) print(`The logs of all processes are in ${world.logFolder}`);
    else rmSync(world.logFolder, { recursive: true, force: true });
  }
}

async function startAll({ fleet, connections, topics }: ChaosWorld, rate: number): Promise<Loads> {
  await Promise.all((['simulator-1', ...members] as const).map(fleet.start));
  const conversations = dealConversations(connections, conversationCount);
  const { sendCommands: topic } = topics.names;
  const partitions = (await partitionCounts(topics.client, [topic])).get(topic) ?? 1;
  return {
    webhooks: createWebhookLoad({ conversations, rate }),
    commands: createCommandLoad({ client: topics.client, topic, partitions, conversations, rate }),
  };
}

async function letThingsGoWrong(given: {
  world: ChaosWorld;
  timeline: Timeline;
  options: ChaosOptions;
  loads: Loads;
  violation(detail: string): void;
}): Promise<void> {
  const { world, timeline, options, loads, violation } = given;
  const healing = new AbortController();
  const performer = createFaultPerformer({ world, timeline, healing: healing.signal, violation });
  const start = Date.now();
  loads.webhooks.begin();
  loads.commands.begin();
  for (const fault of planFaults({ ...options, connections: connectionCount })) {
    await sleep(start + fault.atMs - Date.now());
    performer.perform(fault);
  }
  await sleep(start + options.durationMs - Date.now());
  loads.webhooks.end();
  loads.commands.end();
  timeline.say('the load ends, everything is healed');
  healing.abort();
  await performer.finish();
  await Promise.all([world.kafkaProxy.heal(), world.botProxy.heal()]);
}

/** Waits until nothing is left to do; false when that takes too long. */
async function settle(
  { prefix, fleet, topics }: ChaosWorld,
  timeline: Timeline,
  { webhooks, commands }: Loads,
): Promise<boolean> {
  const { client, names } = topics;
  const deadline = Date.now() + settleLimitMs;
  for (;;) {
    const events = await lagOf(client, `${prefix}.router`, names.inboundEvents);
    const unfinished = await lagOf(client, `${prefix}.outbound`, names.sendCommands);
    const ready = await Promise.all(members.map(fleet.isReady));
    const unready = members.filter((_, index) => !ready[index]);
    const open = webhooks.open() + commands.open();
    if (open + events + unfinished + unready.length === 0) return true;
    timeline.say(
      `to do: ${open} to send, ${events} events, ${unfinished} commands` +
        (unready.length > 0 ? `; not ready: ${unready.join(', ')}` : ''),
    );
    if (Date.now() > deadline) return false;
    await sleep(2_000);
  }
}

/** Ends the apps first, so that nothing is written any more. */
async function collect(
  world: ChaosWorld,
  { webhooks, commands }: Loads,
  violation: (detail: string) => void,
): Promise<Evidence> {
  const { fleet, topics, channelTopics, simulator, connections } = world;
  await Promise.all([webhooks.stop(), commands.stop()]);
  await commands.close();
  const journal = await simulator.journal({ kind: 'received' });
  for (const detail of await fleet.close()) violation(detail);
  const { names } = topics;
  const read = <T>(topic: string, map: (record: Awaited<ReturnType<typeof readWhole>>[number]) => T) =>
    readWhole(topics, topic).then((records) => records.map(map));
  const keys = new Map(dealConversations(connections, conversationCount).map(({ id, key }) => [id, key]));
  return {
    webhooks: webhooks.sent,
    inbound: await read(names.inboundEvents, eventRecord),
    channels: (await Promise.all(channelTopics.map((topic) => read(topic, eventRecord)))).flat(),
    produced: commands.produced,
    commands: await read(names.sendCommands, commandRecordOf),
    results: await read(names.sendResults, resultRecord),
    receipts: receiptsOf(journal, (conversation) => keys.get(conversation) ?? conversation),
    deadLetters: await read(names.deadLetters, deadLetter),
  };
}
