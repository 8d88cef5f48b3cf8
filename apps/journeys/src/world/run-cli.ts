import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptLogsVariable } from '@bridge/tools/app-process';
import { root } from '@bridge/tools/paths';
import { ofCommand } from './printed.ts';

export type CliRun = { code: number; stdout: string; stderr: string };

/** Runs the operator's command to its end; what it starts with is `env` and the PATH. */
export function runCli(args: string[], env: Record<string, string>): Promise<CliRun> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 60_000 };
    execFile(process.execPath, ['apps/cli/src/main.ts', ...args], options, (error, stdout, stderr) => {
      keep(stdout + stderr);
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

/** Beside what the apps print. */
function keep(printed: string): void {
  const folder = process.env[keptLogsVariable];
  if (folder !== undefined)
    writeFileSync(join(folder, `bridge-${randomBytes(5).toString('hex')}${ofCommand}`), printed);
}
