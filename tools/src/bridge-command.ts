import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { Env } from './app-processes.ts';
import { root } from './paths.ts';
import { startSupervised } from './supervised.ts';
import { ToolError } from './tool-error.ts';

const main = join(root, 'apps', 'cli', 'src', 'main.ts');

/** Runs one operator's command and gives what it printed. @throws {ToolError} with what it said when it did not succeed */
export async function bridge(args: string[], env: Env): Promise<string> {
  const child = spawn(process.execPath, [main, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [printed, said, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (code !== 0) throw new ToolError(`bridge ${args.slice(0, 2).join(' ')} did not succeed:\n${said}${printed}`);
  return printed;
}

/** Follows a topic from now on, record by record, as `bridge tail --json` prints them. Resolves once it has begun. */
export async function tail(
  topic: string,
  { env, onRecord }: { env: Env; onRecord: (record: unknown) => void },
): Promise<{ stop(): Promise<void> }> {
  const tailing = startSupervised([process.execPath, main, 'tail', topic, '--json'], { output: 'pipe', env });
  const { stdout, stderr, stop } = tailing;
  if (!stdout || !stderr) throw new Error('its output must be a pipe');
  createInterface({ input: stdout }).on('line', (line) => onRecord(JSON.parse(line)));
  const notes: string[] = [];
  for await (const note of createInterface({ input: stderr })) {
    if (note.startsWith('Reading ')) return { stop };
    notes.push(note);
  }
  throw new ToolError(`bridge tail ${topic} did not succeed:\n${notes.join('\n')}`);
}
