import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testKafka } from '@bridge/tools/local-kafka';
import { root } from '@bridge/tools/paths';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Run } from './runs/run.ts';

let kafka: Awaited<ReturnType<typeof testKafka>>;
const folder = mkdtempSync(join(tmpdir(), 'bridge-bench-test-'));

beforeAll(async () => {
  kafka = await testKafka();
});
afterAll(async () => {
  await kafka.stop();
  rmSync(folder, { recursive: true });
});

/** Runs the command as its user does, with as little of everything as there can be. */
async function bench(...args: string[]): Promise<{ code: number | null; output: string; runs: Run[] }> {
  const jsonFile = join(folder, `${args[0]}.json`);
  const quick = ['--reps', '1', '--seconds', '1', '--warm-up', '0.5', '--backlog', '1000', '--json', jsonFile];
  const child = spawn(process.execPath, ['bench/src/main.ts', ...args, ...quick], {
    cwd: root,
    env: { PATH: process.env['PATH'], KAFKA_BROKERS: kafka.brokers, TMPDIR: folder },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  const { runs } = JSON.parse(readFileSync(jsonFile, 'utf8')) as { runs: Run[] };
  return { code, output, runs };
}

const aWhileMs = 120_000;

it(
  'ingress: what is accepted is stored, by the bridge, and by whoever does the same',
  async () => {
    // That nothing is stored must be found.
    const forgetful = `exec '${process.execPath}' bench/src/baselines/express-without-kafka.ts`;
    const { code, output, runs } = await bench('ingress', '--baseline', `forgetful=${forgetful}`);
    expect(
      runs.map(({ contestant }) => contestant),
      output,
    ).toEqual(['bridge', 'forgetful', 'express-without-kafka']);
    const [bridge, other, withoutKafka] = runs;
    expect(bridge).toMatchObject({ faults: [], counts: { accepted: expect.any(Number) } });
    expect(bridge?.counts['accepted']).toBeGreaterThan(0);
    expect(bridge?.counts['stored']).toBe(bridge?.counts['accepted']);
    expect(other?.faults).toEqual([`${other?.counts['accepted']} accepted, 0 stored`]);
    expect(withoutKafka?.faults).toEqual([]);
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('NOT VALID: forgetful') });
  },
  aWhileMs,
);

it(
  'router: all of the backlog comes out, once and in order',
  async () => {
    const { code, output, runs } = await bench('router');
    const routed = { faults: [], counts: { input: 1_000, output: 1_000 } };
    expect(runs, output).toMatchObject([
      { contestant: 'bridge', ...routed },
      { contestant: 'kafkajs-at-least-once', ...routed },
    ]);
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining('bridge : kafkajs-at-least-once'),
    });
  },
  aWhileMs,
);

it(
  'outbound: what is delivered is in order, and has its result',
  async () => {
    const { code, output, runs } = await bench('outbound', '--latency', '5', '--only', 'bridge');
    expect(runs, output).toMatchObject([{ contestant: 'bridge', setting: 'sink 5 ms', faults: [] }]);
    expect(runs[0]?.counts['delivered']).toBeGreaterThan(0);
    expect(code).toBe(0);
  },
  aWhileMs,
);
