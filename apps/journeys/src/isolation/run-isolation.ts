import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testKafka } from '@bridge/tools/local-kafka';
import { lagOf } from '../chaos/settle.ts';
import { dealConversations } from '../chaos/conversations.ts';
import type { ProducedCommand } from '../chaos/evidence.ts';
import { accountForWorld } from './account-for-world.ts';
import { badConnection, startWorld } from './isolation-world.ts';
import type { IsolationWorld } from './isolation-world.ts';
import { judgeIsolation } from './judge-isolation.ts';
import type { Period, TwinRun } from './judge-isolation.ts';
import type { IsolationOptions } from './options.ts';
import { createTwinLoad } from './twin-load.ts';
import { watchOutbound } from './watch-outbound.ts';
import type { Sample } from './watch-outbound.ts';

/** Ten of each connection: the bad one has some in every partition. */
const conversationCount = 200;
const warmUpMs = 20_000;
/** A breaker that was opened again and again tries after two minutes. */
const settleLimitMs = 300_000;
const sayEveryMs = 15_000;

/**
 * Two equal worlds under the same load; in one of them a connection is bad for a while. Gives back what came of it, and
 * each promise that was not kept; then the logs of all processes are kept, too.
 */
export async function runIsolation(
  options: IsolationOptions,
  print: (line: string) => void,
): Promise<{ run: TwinRun; broken: string[] }> {
  const logFolder = mkdtempSync(join(tmpdir(), 'bridge-isolation-logs-'));
  const kafka = await testKafka(print);
  const sides: Side[] = [];
  const open = async (name: 'faulty' | 'healthy') => {
    const world = await startWorld({ brokers: kafka.brokers, logFolder: join(logFolder, name) });
    const side = { world, watch: watchOutbound(world.metricsUrl) };
    sides.push(side);
    return side;
  };
  const close = async () => {
    for (const { watch } of sides) watch.stop();
    await Promise.all(sides.map(({ world }) => world.close()));
    await kafka.stop();
  };
  const interrupted = () => void close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  let keepLogs = true;
  try {
    const faulty = await open('faulty');
    const healthy = await open('healthy');
    const { produced, ...periods } = await letOneBeBad({ faulty, healthy, options, print });
    print('reading what there is');
    const run = { faulty: await runOf(faulty, produced), healthy: await runOf(healthy, produced), ...periods };
    const broken = judgeIsolation(run);
    keepLogs = broken.length > 0;
    return { run, broken };
  } finally {
    await close();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    if (keepLogs) print(`The logs of all processes are in ${logFolder}`);
    else rmSync(logFolder, { recursive: true, force: true });
  }
}

type Side = { world: IsolationWorld; watch: ReturnType<typeof watchOutbound> };

const runOf = async ({ world, watch: { samples } }: Side, produced: ProducedCommand[]) => ({
  samples,
  account: await accountForWorld(world, produced),
});

type Given = { faulty: Side; healthy: Side; options: IsolationOptions; print(line: string): void };

async function letOneBeBad(given: Given): Promise<{ produced: ProducedCommand[]; bad: Period; after: Period }> {
  const { faulty, healthy, options, print } = given;
  let flood = 1;
  const load = createTwinLoad({
    worlds: [faulty.world.topics, healthy.world.topics],
    conversations: dealConversations(faulty.world.connections, conversationCount),
    rate: options.rate,
    flood: () => flood,
  });
  load.begin();
  await sleep(warmUpMs);
  await faulty.world.turnBad(options.badness);
  flood = options.flood;
  print(`${badConnection} is bad from now on: ${options.badness}`);
  const bad = { from: Date.now(), to: Date.now() + options.durationMs };
  while (Date.now() < bad.to) {
    await sleep(Math.min(sayEveryMs, bad.to - Date.now()));
    print(await stateOf(given));
  }
  await faulty.world.heal();
  flood = 1;
  bad.to = Date.now();
  print('it is healed');
  // The load goes on until the bad one works again: what the others notice of that counts too.
  await untilThat(given, () => works(faulty, options.rate));
  const after = { from: bad.to, to: Date.now() };
  load.end();
  await untilThat(given, async () => load.open() + (await lag(faulty)) + (await lag(healthy)) === 0);
  return { produced: load.produced, bad, after };
}

/** Whether no breaker is open any more, and no more commands wait than come in a second. */
async function works({ watch }: Side, rate: number): Promise<boolean> {
  const latest = watch.samples.at(-1);
  return latest !== undefined && latest.openBreakers === 0 && latest.fullestWindow <= rate;
}

const lag = ({ world: { topics, prefix } }: Side) =>
  lagOf(topics.client, `${prefix}.outbound`, topics.names.sendCommands);

/** Gives up after a while: what is missing then is found when it is accounted for. */
async function untilThat(given: Given, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + settleLimitMs;
  for (let next = Date.now() + sayEveryMs; !(await isSo()) && Date.now() < deadline; await sleep(1_000)) {
    if (Date.now() < next) continue;
    next += sayEveryMs;
    given.print(await stateOf(given));
  }
}

async function stateOf({ faulty, healthy }: Given): Promise<string> {
  const [one, other] = [faulty, healthy].map(({ watch }) => watch.samples.at(-1));
  const both = (field: keyof Sample) => `${Math.round(one?.[field] ?? 0)}/${Math.round(other?.[field] ?? 0)}`;
  const behind = `${await lag(faulty)}/${await lag(healthy)}`;
  return (
    `faulty/healthy: not committed ${behind}, fullest window ${both('fullestWindow')}, ` +
    `open breakers ${both('openBreakers')}, heap ${both('heapMiB')} MiB, resident ${both('residentMiB')} MiB`
  );
}
