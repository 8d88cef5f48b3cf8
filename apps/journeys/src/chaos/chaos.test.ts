import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { canRunByJava } from '@bridge/tools/local-kafka';
import { root } from '@bridge/tools/paths';
import { expect, it, onTestFinished } from 'vitest';

const aWhileMs = 420_000;
/** In which each hop's app is killed, and the broker, too. */
const seed = '25150';

it.skipIf(!(await canRunByJava()))(
  'every promise is kept over 40 seconds of faults, with kill -9 in every hop',
  async () => {
    const args = ['--minutes', '0.67', '--seed', seed, '--longest-stop', '8'];
    const run = spawn(process.execPath, ['apps/journeys/src/chaos/main.ts', ...args], { cwd: root });
    onTestFinished(() => void run.kill('SIGTERM'));
    let output = '';
    for (const stream of [run.stdout, run.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    const [code] = (await once(run, 'close')) as [number | null];
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining(`Every promise was kept with seed ${seed}`),
    });
    // It did go wrong, and something was accounted for.
    for (const app of ['ingress', 'router', 'outbound']) expect(output).toMatch(new RegExp(`kill ${app}-\\d, back in`));
    expect(output).toContain('the broker is killed, back in');
    expect(output).toMatch(/webhook → inbound-events +\d{3}/);
  },
  aWhileMs,
);
