/** Run as a worker by read-in-worker.ts: reads bridge.yaml, answers with what it said, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SecretName } from '../bridge-config.ts';
import { readBridgeFile, type BridgeConfigSource } from '../read-bridge-file.ts';

parentPort?.postMessage(readBridgeFile(workerData as BridgeConfigSource<SecretName>), []);
