import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from '@bridge/tools/paths';
import { expect, it, onTestFinished } from 'vitest';

const aWhileMs = 420_000;

it(
  '3,000 hostile requests leave ingress taking good webhooks',
  async () => {
    const args = ['--requests', '3000', '--seed', '6', '--concurrency', '60'];
    const run = spawn(process.execPath, ['apps/journeys/src/hostile/main.ts', ...args], { cwd: root });
    onTestFinished(() => void run.kill('SIGTERM'));
    let output = '';
    for (const stream of [run.stdout, run.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    const [code] = (await once(run, 'close')) as [number | null];
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Good webhooks went on as before.') });
    // They were answered in all ways that there are.
    for (const seen of ['200', '400', '401', '403', '404', '405', '408', '413', '415', '431', 'left']) {
      expect(output).toMatch(new RegExp(`[ ,] ${seen}: \\d`));
    }
  },
  aWhileMs,
);
