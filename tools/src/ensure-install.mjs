// Runs before npm start, npm test and the like, on whatever Node the machine has: plain JavaScript that Node 18 can run.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock-file.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const modules = join(root, 'node_modules');
/** Which lock file, on which platform, the installed packages came from. */
const stampFile = join(modules, '.bridge-install-stamp');
const neededNode = 24;

if (!isInstalled()) {
  mkdirSync(join(root, '.local'), { recursive: true });
  await withLock(join(root, '.local', 'install.lock'), async () => {
    if (isInstalled()) return;
    await install();
    refuseOldNode();
    writeFileSync(stampFile, stamp());
  });
}

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp();
}

function stamp() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`;
}

async function install() {
  const why = existsSync(modules) ? 'they changed' : 'first run';
  const stopProgress = showProgress(`Installing dependencies (${why}, about half a minute)…`);
  // Not `npm ci`: it refuses a lock file without the optional packages of every other platform, and a registry that
  // mirrors one platform only cannot give those. The versions are the lock file's all the same, and it stays as it is.
  const flags = ['--include=dev', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
  const { code, output } = await npm(['install', ...flags]);
  stopProgress(code === 0);
  if (code === 0) return;
  const said = output
    .split('\n')
    .filter((line) => !line.startsWith('npm warn'))
    .slice(0, 15)
    .join('\n');
  fail(`npm could not install the dependencies. Is its registry reachable? It said:\n${said}`);
}

/**
 * @param {string[]} args
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function npm(args) {
  // The npm that runs this script, when one does: the machine may have several.
  const own = process.env.npm_execpath;
  const [command, ...first] = own?.endsWith('npm-cli.js') ? [process.execPath, own] : ['npm'];
  return new Promise((done) => {
    const child = spawn(command, [...first, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => done({ code: 1, output: error.message }));
    child.on('close', (code) => done({ code, output }));
  });
}

/** @param {string} line */
function showProgress(line) {
  const started = Date.now();
  const terminal = process.stdout.isTTY;
  const seconds = () => Math.round((Date.now() - started) / 1000);
  process.stdout.write(terminal ? line : `${line}\n`);
  const show = () => process.stdout.write(terminal ? `\r${line} ${seconds()} s` : `  … ${seconds()} s\n`);
  const timer = setInterval(show, terminal ? 1_000 : 10_000);
  return (/** @type {boolean} */ done) => {
    clearInterval(timer);
    process.stdout.write(`${terminal ? '\n' : ''}${done ? `Installed dependencies in ${seconds()} s.\n` : ''}`);
  };
}

/** The lock file brings Node 24 for Linux; elsewhere the machine's own must be new enough. */
function refuseOldNode() {
  const brought = join(modules, '.bin', 'node');
  const command = existsSync(brought) ? brought : process.execPath;
  const version = spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  if (Number(/^v(\d+)/.exec(version)?.[1] ?? 0) >= neededNode) return;
  fail(
    `This needs Node ${neededNode} or newer, and this machine has ${version.trim()}.\n` +
      `Get it from https://nodejs.org/en/download, or with a version manager:\n` +
      `  fnm install ${neededNode} && fnm use ${neededNode}     or     nvm install ${neededNode}`,
  );
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}
