import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ToolError } from '../tool-error.ts';
import { startKubectl } from './kubectl.ts';

export type ClusterLoad = {
  /** From now on webhooks are signed with this key. */
  signWith(key: string): void;
  /** Ends the load, shows the account, and says whether every promise was kept. */
  finish(): Promise<boolean>;
  stop(): void;
};

/** Load on the bridge, by a process in the pod `operator`: apps/journeys/src/cluster. Resolves once it has begun. */
export async function startClusterLoad(print: (line: string) => void): Promise<ClusterLoad> {
  const child = startKubectl([
    'exec',
    '-i',
    'deploy/operator',
    '--',
    'node',
    '/bridge/apps/journeys/src/cluster/main.ts',
  ]);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const said: string[] = [];
  let begun = () => {};
  const began = new Promise<void>((resolve) => (begun = resolve));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'the load runs') begun();
    print(line);
  });
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  child.stdin.on('error', () => {});
  const lost = ended.then((code) => {
    throw new ToolError(`The load ended with ${code} by itself:\n${said.slice(-20).join('\n')}`);
  });
  await Promise.race([began, lost]);
  lost.catch(() => {});
  return {
    signWith: (key) => void child.stdin.write(`key ${key}\n`),
    async finish() {
      child.stdin.write('end\n');
      const code = await ended;
      if (code !== 0) print(said.slice(-20).join('\n'));
      return code === 0;
    },
    stop: () => void child.kill(),
  };
}
