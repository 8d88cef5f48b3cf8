import { rmSync } from 'node:fs';
import { testKafka } from '@bridge/tools/local-kafka';
import { namedPorts } from '@bridge/tools/ports';
import { expect, it, onTestFailed, onTestFinished } from 'vitest';
import { mergeAccounts } from './chaos/account.ts';
import { createBridgeWorld } from './chaos/bridge-world.ts';
import { checkCommands } from './chaos/check-commands.ts';
import { checkWebhooks } from './chaos/check-webhooks.ts';
import { collectEvidence } from './chaos/collect-evidence.ts';
import type { FleetMember } from './chaos/fleet.ts';
import { createLoads } from './chaos/loads.ts';
import type { Loads } from './chaos/loads.ts';
import { settle } from './chaos/settle.ts';
import { startLoadBalancer } from './world/load-balancer.ts';
import { until } from './world/until.ts';

const ingresses = ['ingress-1', 'ingress-2'] as const;
/** Of each app one after the other; the apps side by side. */
const waves = [
  ['ingress-1', 'router-1', 'outbound-1'],
  ['ingress-2', 'router-2', 'outbound-2'],
] as const;
const members = waves.flat();
const rate = 30;

/** Two of each app, none started yet, the two ingresses behind a load balancer. */
async function createWorld() {
  const kafka = await testKafka();
  const probes = ['simulator-1', ...members] as const;
  const ports = await namedPorts([...probes, 'simulator', 'balancer', 'webhooks-1', 'webhooks-2'] as const);
  const crashes: string[] = [];
  const world = await createBridgeWorld({
    brokers: { apps: kafka.brokers, harness: kafka.brokers },
    ports: { simulator: ports.simulator, front: { simulator: ports.simulator, ingress: ports.balancer } },
    probesPortOf: (member) => ports[member as (typeof probes)[number]],
    envOf: (member) => ({
      INGRESS_PORT: String(member === 'ingress-1' ? ports['webhooks-1'] : ports['webhooks-2']),
      // A busy machine may take longer than the two seconds after which a sender is told to come again.
      INGRESS_PUBLISH_TIMEOUT_MS: '30000',
      READINESS_GRACE_MS: member.startsWith('ingress') ? '4000' : '0',
    }),
    onCrash(member) {
      crashes.push(member);
      return () => {};
    },
  });
  const backends = {
    'ingress-1': { port: ports['webhooks-1'], probesPort: ports['ingress-1'] },
    'ingress-2': { port: ports['webhooks-2'], probesPort: ports['ingress-2'] },
  };
  const balancer = await startLoadBalancer(ports.balancer, Object.values(backends));
  onTestFailed(() => console.error(`The logs of all processes are in ${world.logFolder}`));
  onTestFinished(async ({ task }) => {
    await world.close();
    await balancer.close();
    await kafka.stop();
    if (task.result?.state === 'pass') rmSync(world.logFolder, { recursive: true, force: true });
  });
  return {
    ...world,
    crashes,
    uses: (member: (typeof ingresses)[number]) => balancer.uses(backends[member]),
    served: (member: (typeof ingresses)[number]) => balancer.served(backends[member]),
  };
}

type World = Awaited<ReturnType<typeof createWorld>>;

/** By SIGTERM, and at once again. */
async function restart({ fleet, uses }: World, member: FleetMember): Promise<void> {
  const ending = await fleet.terminate(member);
  expect({ member, ending }).toEqual({ member, ending: { code: 0, signal: null } });
  expect(await fleet.start(member)).toBe(true);
  const ingress = ingresses.find((one) => one === member);
  if (ingress) await until(`${ingress} to be used again`, () => uses(ingress));
}

/** Waits until so many more webhooks were answered 200, and so many more commands acknowledged. */
async function more({ webhooks, commands }: Loads, count: number): Promise<void> {
  const answered = () => webhooks.sent.filter(({ accepted }) => accepted).length;
  const acknowledged = () => commands.produced.filter(({ acked }) => acked).length;
  const wanted = { webhooks: answered() + count, commands: acknowledged() + count };
  await until(`${count} more`, () => answered() >= wanted.webhooks && acknowledged() >= wanted.commands);
}

it('every app restarted under load: no webhook is refused, nothing is lost, doubled, out of order or repeated', async () => {
  const world = await createWorld();
  await Promise.all([world.fleet.start('simulator-1'), ...members.map(world.fleet.start)]);
  await until('both ingresses to be used', () => ingresses.every(world.uses));
  const loads = await createLoads(world, rate);
  const startedAt = Date.now();
  loads.begin();
  await more(loads, 2 * rate);
  const servedBefore = ingresses.map(world.served);
  for (const wave of waves) {
    await Promise.all(wave.map((member) => restart(world, member)));
    await more(loads, rate);
  }
  const servedAfter = ingresses.map(world.served);
  await more(loads, rate);
  loads.end();
  expect(await settle(world, { loads, unready: () => world.fleet.unready(members) })).toBe(true);
  await loads.stop();
  const journal = await world.simulator.journal({ kind: 'received' });
  expect(await world.fleet.close()).toEqual([]);
  const evidence = await collectEvidence(world, { loads, journal });

  // Nothing happened that would explain a refusal or a repeat.
  const history = { happenings: [], startedAt };
  const account = mergeAccounts(checkWebhooks(evidence, { ...history, spool: true }), checkCommands(evidence, history));
  expect({ ...account, crashes: world.crashes }).toMatchObject({ violations: [], repeats: [], crashes: [] });
  expect(evidence.inbound).toHaveLength(evidence.webhooks.length);
  expect(evidence.results).toHaveLength(evidence.commands.length);
  // There was load on both, before and after.
  for (const [index, member] of ingresses.entries()) {
    expect(servedBefore[index]).toBeGreaterThan(0);
    expect(world.served(member)).toBeGreaterThan(servedAfter[index] ?? 0);
  }
  expect(account.checked['webhook → inbound-events']).toBeGreaterThan(5 * rate);
  expect(account.checked['send-commands → bot_url']).toBe(evidence.commands.length);
  expect(evidence.commands.length).toBeGreaterThan(5 * rate);
});
