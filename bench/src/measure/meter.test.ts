import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { consumptionBetween, createMeter } from './meter.ts';
import type { Reading } from './meter.ts';

const reading = (atMs: number, cpu: number, busy: number): Reading => ({
  atMs,
  contestant: { cpuSeconds: cpu, residentMiB: 100 + cpu, peakMiB: 200 },
  broker: { cpuSeconds: cpu / 2, residentMiB: 1, peakMiB: 1 },
  own: undefined,
  machine: { busySeconds: busy, stolenSeconds: 0.5, idleSeconds: atMs / 1_000 },
});

it('between two readings lies what was used, and what the rest of the machine did', () => {
  expect(consumptionBetween(reading(1_000, 10, 50), reading(5_000, 14, 58))).toEqual({
    seconds: 4,
    cpuSeconds: 4,
    brokerCpuSeconds: 2,
    otherCores: 0.5,
    stolenCores: 0,
    idleCores: 1,
    residentMiB: 114,
    peakMiB: 200,
  });
});

it('a URL has no process: nothing is known of it', () => {
  const without = (at: number) => ({ ...reading(at, 1, 1), contestant: undefined });
  expect(consumptionBetween(without(0), without(1_000))).toMatchObject({ cpuSeconds: undefined, peakMiB: undefined });
});

it.runIf(existsSync('/proc/self/stat'))('it reads what all processes of a group use, the shell left out', async () => {
  const busy = `setInterval(() => { for (const end = Date.now() + 40; Date.now() < end; ); }, 50); console.log('up')`;
  const command = `"${process.execPath}" -e "${busy}" & wait`;
  const child = spawn('sh', ['-c', command], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const group = child.pid ?? 0;
  onTestFinished(() => void process.kill(-group, 'SIGKILL'));
  await once(child.stdout, 'data');
  const meter = createMeter({ contestant: [group], broker: [], own: [] });
  const from = meter.read();
  let to = meter.read();
  while ((to.contestant?.cpuSeconds ?? 0) < (from.contestant?.cpuSeconds ?? 0) + 0.1) to = meter.read();
  expect(to.contestant?.peakMiB).toBeGreaterThan(10);
  expect({ broker: to.broker, hasOwn: to.own !== undefined }).toEqual({ broker: undefined, hasOwn: true });
});
