import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { currentKey } from './test-connection.ts';

/** A folder for the processes of one test file, which starts them as production does, on free ports. */
export function ingressProcesses() {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-ingress-'));
  const children: ReturnType<typeof spawn>[] = [];

  function bridgeFile(mode: string): string {
    const path = join(folder, `${mode}.yaml`);
    const connection = `{ workspace: 1, verificationKeys: [{ env: TEST_KEY }], signature: { mode: ${mode} } }`;
    writeFileSync(path, `connections:\n  acme: ${connection}\n`);
    return path;
  }

  function start(env: Record<string, string> = {}) {
    const child = spawn(process.execPath, ['--import', '@bridge/telemetry/start', 'src/main.ts'], {
      cwd: join(import.meta.dirname, '..', '..'),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        HOST: '127.0.0.1',
        BRIDGE_CONFIG: bridgeFile('enforce'),
        TEST_KEY: currentKey,
        INGRESS_PORT: '0',
        INGRESS_PROBES_PORT: '0',
        ...env,
      },
    });
    children.push(child);
    const errors = text(child.stderr);
    const exit = once(child, 'exit').then(([code]) => Number(code));
    const lines: Record<string, unknown>[] = [];
    const found = new Map<string, PromiseWithResolvers<Record<string, unknown>>>();
    const waiting = (message: string) => {
      const known = found.get(message) ?? Promise.withResolvers<Record<string, unknown>>();
      found.set(message, known);
      return known;
    };
    createInterface(child.stdout).on('line', (line) => {
      const parsed: Record<string, unknown> = JSON.parse(line);
      lines.push(parsed);
      waiting(String(parsed['msg'])).resolve(parsed);
    });
    const line = (message: string) => waiting(message).promise;

    return {
      child,
      exit,
      errors,
      lines,
      line,
      /** Where webhooks and probes are, once it is started. */
      async urls(): Promise<{ webhooks: string; probes: string }> {
        await line('started');
        const [{ port }, { port: probesPort }] = [await line('webhooks are received'), await line('probes are served')];
        const at = (where: unknown) => `http://127.0.0.1:${String(where)}`;
        return { webhooks: `${at(port)}/webhooks/acme`, probes: at(probesPort) };
      },
    };
  }

  function end(): void {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }

  return { folder, bridgeFile, start, end };
}
