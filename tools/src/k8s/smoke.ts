import { whenNpmIsGone } from '../ancestors.ts';
import { ToolError } from '../tool-error.ts';
import { startClusterLoad } from './cluster-load.ts';
import type { ClusterLoad } from './cluster-load.ts';
import { kubectl, namespace } from './kubectl.ts';
import { components, namesOf, podsOf, restarts, untilAllRun, untilPods } from './pods.ts';
import type { Component } from './pods.ts';
import { rotateKey } from './rotate-key.ts';

// The local overlay on the cluster of the current context: one conversation, then everything that an operator does to it
// under load, with an account of every webhook and command at the end. Whatever the end is, nothing is left.

const overlay = 'k8s/overlays/local';
const startedAt = performance.now();
let load: ClusterLoad | undefined;
let removed: Promise<void> | undefined;
let applied = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end(130));
whenNpmIsGone(() => void end(1));
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  await end((await smoke()) ? 0 : 1);
} catch (error) {
  if (removed === undefined) console.error(`\n${error instanceof ToolError ? error.message : (error as Error).stack}`);
  await end(1);
}

async function smoke(): Promise<boolean> {
  const context = (await kubectl(['config', 'current-context'])).trim();
  await refuseInstallation(context);
  say(`applying ${overlay} to the cluster of context ${context}`);
  applied = true;
  await kubectl(['apply', '--kustomize', overlay]);
  await untilAllRun();
  say('everything runs; one conversation:');
  console.log(await kubectl(['exec', 'deploy/operator', '--', 'node', '/bridge/tools/src/converse.ts']));

  // While Kafka starts, an app may give up once or twice; from now on none may end by itself.
  const startsBefore = await restarts();
  load = await startClusterLoad((line) => say(line));
  for (const component of components) await roll(component);
  for (const component of components) await deleteOne(component);
  await scale('outbound', 1);
  await scale('outbound', 3);
  const before = namesOf(await podsOf('ingress'));
  await rotateKey(load.signWith, say);
  const after = namesOf(await podsOf('ingress'));
  const faults = [...(await restarts())].flatMap(([pod, count]) =>
    count > (startsBefore.get(pod) ?? 0) ? [`${pod} ended by itself, and was started again`] : [],
  );
  if (before.join() !== after.join()) faults.push(`the pods of ingress changed: ${before.join()}, now ${after.join()}`);

  const kept = await load.finish();
  for (const fault of faults) console.log(fault);
  const green = kept && faults.length === 0;
  console.log(green ? '\nEvery promise was kept.' : '\nNot every promise was kept.');
  return green;
}

/** There may be an installation that somebody needs. */
async function refuseInstallation(context: string): Promise<void> {
  const found = await kubectl(['get', 'namespace', namespace, '--ignore-not-found', '--output=name']);
  if (found.trim() === '') return;
  throw new ToolError(`The cluster of context ${context} has a namespace ${namespace} already: it is left as it is.`);
}

async function roll(component: Component): Promise<void> {
  const before = namesOf(await podsOf(component));
  await kubectl(['rollout', 'restart', `deployment/${component}`]);
  await untilPods(component, before.length, before);
  say(`${component} was rolled`);
}

async function deleteOne(component: Component): Promise<void> {
  const pods = namesOf(await podsOf(component));
  const [first = ''] = pods;
  await kubectl(['delete', 'pod', first, '--wait=false']);
  await untilPods(component, pods.length, [first]);
  say(`${first} was deleted, and replaced`);
}

async function scale(component: Component, count: number): Promise<void> {
  await kubectl(['scale', `deployment/${component}`, `--replicas=${count}`]);
  await untilPods(component, count);
  say(`${component} has ${count} pods`);
}

/** Once: what was applied is removed, whatever happened. */
async function end(code: number): Promise<void> {
  removed ??= remove();
  await removed.catch((error: Error) => console.error(error.message));
  process.exit(code);
}

async function remove(): Promise<void> {
  load?.stop();
  if (!applied) return;
  say(`removing the namespace ${namespace}`);
  await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=300s']);
}

function say(line: string): void {
  console.log(`${`${((performance.now() - startedAt) / 1_000).toFixed(1)} s`.padStart(8)}  ${line}`);
}
