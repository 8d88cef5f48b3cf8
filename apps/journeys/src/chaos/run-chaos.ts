import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ending } from '@bridge/tools/app-process';
import { mergeAccounts } from './account.ts';
import type { Account, Violation } from './account.ts';
import { connectionCount } from './bridge-world.ts';
import { createChaosWorld } from './chaos-world.ts';
import type { ChaosWorld } from './chaos-world.ts';
import { checkCommands } from './check-commands.ts';
import { checkWebhooks } from './check-webhooks.ts';
import { collectEvidence } from './collect-evidence.ts';
import type { FleetMember } from './fleet.ts';
import { createLoads } from './loads.ts';
import type { Loads } from './loads.ts';
import type { ChaosOptions } from './options.ts';
import { createFaultPerformer } from './perform-fault.ts';
import { members, planFaults } from './plan-faults.ts';
import type { MemberName } from './plan-faults.ts';
import { settle } from './settle.ts';
import { createTimeline } from './timeline.ts';
import type { Timeline } from './timeline.ts';

type Run = { options: ChaosOptions; world: ChaosWorld; timeline: Timeline; violation(detail: string): void };

/** One whole run: everything up, load and faults, everything healed, waited for, and accounted for. */
export async function runChaos(options: ChaosOptions, print: (line: string) => void): Promise<Account> {
  const timeline = createTimeline(print);
  const others: Violation[] = [];
  const violation = (detail: string) => void others.push({ hop: 'the run', fault: 'other', detail });
  const onCrash = crashWatch(timeline, violation);
  const world = await createChaosWorld({ spool: options.spool, onCrash });
  let keepLogs = true;
  const interrupted = () => void world.close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    await Promise.all((['simulator-1', ...members] as const).map(world.fleet.start));
    const loads = await createLoads(world, options.rate);
    timeline.say('everything runs, the load begins');
    const run = { options, world, timeline, violation };
    await letThingsGoWrong(run, loads);
    const account = await accountFor(run, loads);
    account.violations.unshift(...others);
    keepLogs = options.keepLogs || account.violations.length > 0;
    return account;
  } finally {
    await world.close();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    if (keepLogs) print(`The logs of all processes are in ${world.logFolder}`);
    else rmSync(world.logFolder, { recursive: true, force: true });
  }
}

/** Tells of each process that ended though nobody had asked it to, and when its seat is well again. */
function crashWatch(timeline: Timeline, violation: (detail: string) => void) {
  return (member: FleetMember, { code, signal }: Ending): (() => void) => {
    const line = `${member} ended by itself with ${signal ?? `code ${code}`}, and is started again`;
    // 69 and 70 are how an app without a broker, or out of its group for good, asks to be started again.
    if (code !== 69 && code !== 70) violation(line);
    const happening = timeline.begin({ name: 'crash', member: member as MemberName }, line);
    return () => timeline.end(happening);
  };
}

async function letThingsGoWrong({ options, world, timeline, violation }: Run, loads: Loads): Promise<void> {
  const healing = new AbortController();
  const performer = createFaultPerformer({ world, timeline, healing: healing.signal, violation });
  const start = Date.now();
  loads.begin();
  for (const fault of planFaults({ ...options, connections: connectionCount })) {
    await sleep(start + fault.atMs - Date.now());
    performer.perform(fault);
  }
  await sleep(start + options.durationMs - Date.now());
  loads.end();
  timeline.say('the load ends, everything is healed');
  healing.abort();
  await performer.finish();
  await Promise.all([world.kafkaProxy.heal(), world.botProxy.heal()]);
}

/** Waits until all is done, and judges what came of it. The apps are ended first: nothing is written any more. */
async function accountFor({ options, world, timeline, violation }: Run, loads: Loads): Promise<Account> {
  const { broker, fleet, simulator, spooled } = world;
  const settled = await settle(world, {
    loads,
    unready: () => fleet.unready(members),
    spooled,
    say: timeline.say,
  });
  if (!settled) violation('not everything was finished within three minutes of peace');
  timeline.say('stopping the apps, reading what there is');
  await loads.stop();
  const journal = await simulator.journal({ kind: 'received' });
  for (const detail of await fleet.close()) violation(detail);
  const evidence = await collectEvidence(world, { loads, journal });
  return mergeAccounts(
    checkWebhooks(evidence, { ...timeline, spool: options.spool, hasForgotten: broker.hasForgotten() }),
    checkCommands(evidence, timeline),
  );
}
