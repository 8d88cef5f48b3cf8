import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeBrokerPid, writeBrokerPid } from './broker-pid.ts';
import { kafkaAnswers } from './kafka-answers.ts';
import { startSupervised } from './supervised.ts';
import type { Supervised } from './supervised.ts';
import { ToolError } from './tool-error.ts';

const startTimeoutMs = 120_000;

export type BrokerProcess = {
  /** Takes signals: `kill -STOP -<group>`. */
  processGroup: number;
  stop(): Promise<void>;
};

/** Starts the command of a broker, whose log and process id go into `folder`, and waits until it answers at `address`. */
export async function startBrokerProcess(options: {
  command: string[];
  address: string;
  folder: string;
  /** Whether the folder goes with it. */
  temporary: boolean;
  signal?: AbortSignal | undefined;
}): Promise<BrokerProcess> {
  const { command, address, folder, temporary, signal } = options;
  const logFile = join(folder, 'broker.log');
  const log = openSync(logFile, 'w');
  const broker = startSupervised(command, { output: log, removeAfter: temporary ? folder : undefined });
  closeSync(log);
  writeBrokerPid(folder, broker.pid);
  const stop = async () => {
    await broker.stop();
    removeBrokerPid(folder);
  };
  try {
    await waitUntilItAnswers(broker, address, logFile, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { processGroup: broker.pid, stop };
}

async function waitUntilItAnswers(broker: Supervised, address: string, logFile: string, signal?: AbortSignal) {
  const lastLines = () => readFileSync(logFile, 'utf8').trim().split('\n').slice(-15).join('\n');
  const deadline = Date.now() + startTimeoutMs;
  while (!(await kafkaAnswers(address))) {
    signal?.throwIfAborted();
    if (broker.exitCode() !== undefined) throw new ToolError(`The local Kafka ended at its start:\n${lastLines()}`);
    if (Date.now() > deadline) throw new ToolError(`The local Kafka did not answer in two minutes:\n${lastLines()}`);
    await sleep(100);
  }
}
