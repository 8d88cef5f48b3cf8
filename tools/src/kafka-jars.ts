import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './lock-file.mjs';
import { localFolder } from './paths.ts';
import { ToolError } from './tool-error.ts';

const run = promisify(execFile);
const pom = join(import.meta.dirname, '../kafka/pom.xml');

/** The version of the local Kafka, said once, in tools/kafka/pom.xml. */
export const kafkaVersion = /<kafka\.version>(.+)<\/kafka\.version>/.exec(readFileSync(pom, 'utf8'))?.[1] ?? '';

const folder = join(localFolder, 'kafka', `jars-${kafkaVersion}`);

export const jarsArePresent = () => existsSync(folder);

/** The folder of Kafka's jars, fetched by Maven the first time. Several processes may ask at once. */
export async function kafkaJars(onProgress: (line: string) => void): Promise<string> {
  mkdirSync(join(localFolder, 'kafka'), { recursive: true });
  if (!jarsArePresent()) await withLock(`${folder}.lock`, () => fetchJars(onProgress));
  return folder;
}

async function fetchJars(onProgress: (line: string) => void): Promise<void> {
  if (jarsArePresent()) return;
  onProgress(`Fetching Apache Kafka ${kafkaVersion} by Maven (54 MB, only the first time)…`);
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${unfinished}`];
  try {
    await run('mvn', ['-q', '-B', '-f', pom, ...goal]);
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    const said = `${stdout}${stderr}`.trim().split('\n').slice(0, 5).join('\n');
    throw new ToolError(`Maven could not fetch Kafka's jars. Is a Maven repository reachable? It said:\n${said}`);
  }
  renameSync(unfinished, folder);
}
