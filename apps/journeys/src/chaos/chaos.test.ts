import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { canRunByJava } from '@bridge/tools/local-kafka';
import { root } from '@bridge/tools/paths';
import { expect, it, onTestFinished } from 'vitest';

const aWhileMs = 420_000;

it.skipIf(!(await canRunByJava()))(
  'every promise is kept over 40 seconds of faults',
  async () => {
    const args = ['--minutes', '0.67', '--seed', '6', '--longest-stop', '8'];
    const run = spawn(process.execPath, ['apps/journeys/src/chaos/main.ts', ...args], { cwd: root });
    onTestFinished(() => void run.kill('SIGTERM'));
    let output = '';
    for (const stream of [run.stdout, run.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    const [code] = (await once(run, 'close')) as [number | null];
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('Every promise was kept with seed 6'),
    });
    // Something did go wrong, and something was accounted for.
    expect(output).toMatch(/kill|term|stop|broker|kafka|bot/);
    expect(output).toMatch(/webhook → inbound-events +\d{2}/);
  },
  aWhileMs,
);
