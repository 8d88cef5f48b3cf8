import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SecretName } from '../bridge-config.ts';
import { ConfigError } from '../config-error.ts';
import { loadBridgeConfig } from '../load-bridge-config.ts';

/** For tests: a folder with bridge.yaml and other files, gone when the test ends. */
export function temporaryFile(text: string, files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-yaml-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries({ ...files, 'bridge.yaml': text })) {
    writeFileSync(join(folder, name), content);
  }
  return join(folder, 'bridge.yaml');
}

export type FaultOptions = {
  secrets?: SecretName[];
  env?: Record<string, string>;
  files?: Record<string, string>;
  allowUnsigned?: boolean;
};

/** For tests: the lines that loading this file complains with, the folder left out; none when it loads. */
export function faultsOf(text: string, options: FaultOptions = {}): string[] {
  const { secrets = [], env = {}, files = {}, allowUnsigned = false } = options;
  const path = temporaryFile(text, files);
  try {
    loadBridgeConfig({ path, env, secrets, allowUnsigned });
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll(path.replace('bridge.yaml', ''), '').split('\n');
    throw error;
  }
  return [];
}
