import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { java } from './java-broker.ts';
import { jarsArePresent } from './kafka-jars.ts';
import { ToolError } from './tool-error.ts';

const run = promisify(execFile);

/** How this machine can run a Kafka: Java with Maven's jars first, Docker else. */
export async function chooseKafkaWay(): Promise<'java' | 'docker'> {
  const javaVersion = await javaMajorVersion();
  if (javaVersion >= 17 && (jarsArePresent() || (await works('mvn', ['--version'])))) return 'java';
  // `docker info` asks the engine, `docker compose version` only the command.
  if ((await works('docker', ['compose', 'version'])) && (await works('docker', ['info']))) return 'docker';
  throw new ToolError(
    [
      'No way to run a Kafka here. Any one of these three is enough:',
      '  1. a Kafka that already runs: KAFKA_BROKERS=host:port npm start',
      `  2. Java 17 or newer, and Maven (found: ${javaVersion ? `Java ${javaVersion}` : 'no Java'})`,
      '  3. Docker with the compose plugin, its engine running',
    ].join('\n'),
  );
}

/** 0 when there is no Java. */
async function javaMajorVersion(): Promise<number> {
  try {
    const { stderr } = await run(java, ['-version']);
    return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function works(command: string, args: string[]): Promise<boolean> {
  try {
    await run(command, args, { timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}
