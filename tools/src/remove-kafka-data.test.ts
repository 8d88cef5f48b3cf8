import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeBrokerPid } from './broker-pid.ts';
import { removeKafkaData } from './remove-kafka-data.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'bridge-reset-')), 'data');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'server.properties'), '');
});
afterEach(() => rmSync(join(dataDir, '..'), { recursive: true }));

test('removes the records of a Kafka that was stopped, and the second time there is nothing left', async () => {
  expect(await removeKafkaData(dataDir)).toContain("the local Kafka's topics and records");
  expect(existsSync(dataDir)).toBe(false);
  expect(await removeKafkaData(dataDir)).toContain('Nothing to remove');
});

test('refuses while the broker runs, and says how to stop it', async () => {
  const broker = spawn('sleep', ['60'], { detached: true });
  writeBrokerPid(dataDir, broker.pid ?? 0);
  await expect(removeKafkaData(dataDir)).rejects.toThrow(/is running \(process \d+\). Stop `npm start` with Ctrl-C/);
  expect(existsSync(dataDir)).toBe(true);
  broker.kill();
  await once(broker, 'exit');
  expect(await removeKafkaData(dataDir)).toContain('Removed');
});
