import { buffer } from 'node:stream/consumers';
import { runBridge } from './program.ts';

// The reader of a pipe may leave first, as `head` does: that is no failure of ours.
process.stdout.on('error', () => process.exit(0));

const exitCode = await runBridge(process.argv.slice(2), {
  env: process.env,
  print: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
  readInput: () => buffer(process.stdin),
  interruption() {
    const interrupted = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
    return interrupted.signal;
  },
});
// Not when the last connection has closed, but now, and with everything written.
process.stdout.write('', () => process.exit(exitCode));
