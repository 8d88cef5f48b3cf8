import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { Env } from './app-process.ts';
import { root } from './paths.ts';
import { startSupervised, type Supervised } from './supervised.ts';
import { ToolError } from './tool-error.ts';

const main = join(root, 'apps', 'cli', 'src', 'main.ts');

const running = new Set<Supervised>();

/** Starts an operator's command. It ends with this process, whatever ends it. */
function startBridge(args: string[], env: Env) {
  const command = startSupervised([process.execPath, main, ...args], { output: 'pipe', env, killAfterSeconds: 3 });
  const { stdout, stderr, ended } = command;
  if (!stdout || !stderr) throw new Error('its output must be a pipe');
  running.add(command);
  void ended.then(() => running.delete(command));
  return { ...command, stdout, stderr };
}

/** Stops the commands that still run: they want a Kafka to take their leave of. */
export async function stopBridgeCommands(): Promise<void> {
  await Promise.all([...running].map((command) => command.stop()));
}

/** Runs one operator's command and gives what it printed. @throws {ToolError} with what it said when it did not succeed */
export async function bridge(args: string[], env: Env): Promise<string> {
  const { stdout, stderr, ended } = startBridge(args, env);
  const [printed, said, code] = await Promise.all([text(stdout), text(stderr), ended]);
  if (code !== 0) throw new ToolError(`bridge ${args.slice(0, 2).join(' ')} did not succeed:\n${said}${printed}`);
  return printed;
}

/** Follows a topic from now on, record by record, as `bridge tail --json` prints them. Resolves once it has begun. */
export async function tail(
  topic: string,
  { env, onRecord }: { env: Env; onRecord: (record: unknown) => void },
): Promise<{ stop(): Promise<void> }> {
  const { stdout, stderr, stop } = startBridge(['tail', topic, '--json'], env);
  createInterface({ input: stdout }).on('line', (line) => onRecord(JSON.parse(line)));
  const notes: string[] = [];
  for await (const note of createInterface({ input: stderr })) {
    if (note.startsWith('Reading ')) return { stop };
    notes.push(note);
  }
  throw new ToolError(`bridge tail ${topic} did not succeed:\n${notes.join('\n')}`);
}
