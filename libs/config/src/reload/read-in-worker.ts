import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SecretName } from '../bridge-config.ts';
import type { BridgeConfigSource, Reading } from '../read-bridge-file.ts';

/**
 * Reads bridge.yaml in a thread of its own: a file of 1,000 connections takes about a second, in which this process
 * would else answer nobody.
 */
export async function readInWorker<S extends SecretName>(
  { path, env, secrets, allowUnsigned }: BridgeConfigSource<S>,
  signal: AbortSignal,
): Promise<Reading<S>> {
  const worker = new Worker(new URL('./reading-worker.ts', import.meta.url), {
    // A plain copy: process.env is none, and can't be handed over.
    workerData: { path, env: { ...env }, secrets, allowUnsigned },
    // What the process imports first, tracing above all, is not wanted there.
    execArgv: [],
  });
  try {
    const [reading] = (await once(worker, 'message', { signal })) as [Reading<S>];
    return reading;
  } finally {
    await worker.terminate();
  }
}
