import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { ToolError } from '../tool-error.ts';

export const namespace = 'nicochat-bridge';

/** Starts kubectl in our namespace. A Ctrl-C of the terminal does not reach it: whoever started it ends it. */
export function startKubectl(args: string[]) {
  return spawn('kubectl', ['--namespace', namespace, ...args], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
}

/**
 * Runs kubectl in our namespace, on the current context, and gives what it printed.
 * @throws {ToolError} with what it said when it did not succeed
 */
export async function kubectl(args: string[], input = ''): Promise<string> {
  const child = startKubectl(args);
  child.stdin.on('error', () => {}).end(input);
  const ended = once(child, 'close').catch((error: Error) => {
    throw new ToolError(`kubectl is needed, and cannot be run: ${error.message}`);
  });
  const [printed, said, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new ToolError(`kubectl ${args.slice(0, 3).join(' ')} did not succeed:\n${said}${printed}`);
  return printed;
}

export async function getJson<T>(args: string[]): Promise<T> {
  return JSON.parse(await kubectl(['get', ...args, '--output=json'])) as T;
}
