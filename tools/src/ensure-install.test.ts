import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';

let clone: string;
const stampFile = () => join(clone, 'node_modules', '.bridge-install-stamp');
const npmCalls = () =>
  existsSync(join(clone, 'calls')) ? readFileSync(join(clone, 'calls'), 'utf8').trim().split('\n') : [];

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'bridge-install-'));
  mkdirSync(join(clone, 'tools', 'src'), { recursive: true });
  mkdirSync(join(clone, 'bin'));
  for (const file of ['ensure-install.mjs', 'lock-file.mjs']) {
    copyFileSync(join(import.meta.dirname, file), join(clone, 'tools', 'src', file));
  }
  writeFileSync(join(clone, 'package-lock.json'), '{}');
  npmDoes('mkdir -p node_modules');
});
afterEach(() => rmSync(clone, { recursive: true }));

/** Puts an npm on the PATH that notes how it was called and then runs the shell line. */
function npmDoes(line: string) {
  const npm = join(clone, 'bin', 'npm');
  writeFileSync(npm, `#!/bin/sh\necho "$@" >> calls\n${line}\n`);
  chmodSync(npm, 0o755);
}

async function ensureInstall(env: Record<string, string> = {}) {
  const { npm_execpath: _, ...rest } = process.env;
  const path = `${join(clone, 'bin')}${delimiter}${process.env['PATH']}`;
  const child = spawn(process.execPath, [join(clone, 'tools/src/ensure-install.mjs')], {
    env: { ...rest, PATH: path, ...env },
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { stdout, stderr, code: code as number };
}

test('installs on a fresh clone, development packages too, and no package’s scripts', async () => {
  const { code, stdout } = await ensureInstall({ NODE_ENV: 'production' });
  expect(code).toBe(0);
  expect(stdout).toContain('Installing dependencies (first run, about half a minute)…');
  expect(npmCalls()).toEqual(['install --include=dev --ignore-scripts --no-save --no-audit --no-fund']);
});

test('does nothing, silently, when the lock file is the one that was installed', async () => {
  await ensureInstall();
  const second = await ensureInstall();
  expect(second).toEqual({ stdout: '', stderr: '', code: 0 });
  expect(npmCalls()).toHaveLength(1);
});

test('installs again when the lock file changed', async () => {
  await ensureInstall();
  writeFileSync(join(clone, 'package-lock.json'), '{ "lockfileVersion": 3 }');
  expect((await ensureInstall()).stdout).toContain('they changed');
  expect(npmCalls()).toHaveLength(2);
});

test('says what npm said when npm fails, and tries again the next time', async () => {
  npmDoes('echo "npm warn old" >&2; echo "npm error ENOTFOUND" >&2; exit 1');
  const { code, stderr } = await ensureInstall();
  expect(code).toBe(1);
  expect(stderr).toContain('npm could not install the dependencies');
  expect(stderr).toContain('npm error ENOTFOUND');
  expect(stderr).not.toContain('npm warn');
  expect(existsSync(stampFile())).toBe(false);
  npmDoes('mkdir -p node_modules');
  expect((await ensureInstall()).code).toBe(0);
});

test('of two at once only one installs, and both go on when it is done', async () => {
  npmDoes('sleep 1; mkdir -p node_modules');
  const both = await Promise.all([ensureInstall(), ensureInstall()]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(npmCalls()).toHaveLength(1);
});

test('a lock left by a process that is gone holds nobody up', async () => {
  const gone = spawn('true');
  await once(gone, 'exit');
  mkdirSync(join(clone, '.local'));
  writeFileSync(join(clone, '.local', 'install.lock'), String(gone.pid));
  expect((await ensureInstall()).code).toBe(0);
  expect(npmCalls()).toHaveLength(1);
});

test('says how to get Node 24 where only an older one is to be had', async () => {
  npmDoes(
    'mkdir -p node_modules/.bin; printf "#!/bin/sh\\necho v20.20.2\\n" > node_modules/.bin/node; chmod +x node_modules/.bin/node',
  );
  const { code, stderr } = await ensureInstall();
  expect(code).toBe(1);
  expect(stderr).toContain('This needs Node 24 or newer, and this machine has v20.20.2.');
  expect(stderr).toContain('nvm install 24');
});
