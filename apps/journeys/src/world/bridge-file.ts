import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { AppName } from '@bridge/tools/app-process';
import type { Journey } from './journey.ts';
import { until } from './until.ts';

/** bridge.yaml, as far as the journeys change it. */
export type BridgeFile = {
  connections: Record<string, Record<string, unknown>>;
  channels?: Record<string, object>;
  routes?: object[];
  log?: { level: string };
};

/** The value of a metric without labels, or with exactly these. */
export async function metricOf(world: Journey, app: AppName, series: string): Promise<number | undefined> {
  const text = await (await fetch(`${world.probes(app)}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** Changes bridge.yaml, and waits until these apps have it in force. */
export async function changeBridgeFile(
  world: Journey,
  apps: AppName[],
  change: (file: BridgeFile) => void,
): Promise<void> {
  const path = world.file('bridge.yaml');
  const file = JSON.parse(readFileSync(path, 'utf8')) as BridgeFile;
  change(file);
  await applied(world, apps, () => {
    writeFileSync(`${path}.new`, JSON.stringify(file, null, 2));
    renameSync(`${path}.new`, path);
  });
}

/** Does something that changes the configuration, and waits until these apps have taken it. */
export async function applied(world: Journey, apps: AppName[], change: () => void): Promise<void> {
  const counted = (app: AppName) => metricOf(world, app, 'bridge_config_reloads_total{outcome="applied"}');
  const before = await Promise.all(apps.map(counted));
  change();
  for (const [index, app] of apps.entries()) {
    await until(`${app} to read bridge.yaml again`, async () => ((await counted(app)) ?? 0) > (before[index] ?? 0));
  }
}

/** What an app answers when it is asked whether it is ready. */
export async function readiness(world: Journey, app: AppName) {
  const answer = await fetch(`${world.probes(app)}/readyz`);
  const body = (await answer.json()) as { status: string; notes?: { part: string; reason: string }[] };
  return { status: answer.status, notes: body.notes ?? [] };
}
