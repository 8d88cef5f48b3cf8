/** A parent to be killed by a test: spawns an orderly service with an ipc channel, its output into the file named first. */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const output = openSync(process.argv[2] ?? '', 'w');
const script = fileURLToPath(new URL('./service-process.ts', import.meta.url));
const child = spawn(process.execPath, [script, 'orderly'], { stdio: ['ignore', output, output, 'ipc'] });
console.log(child.pid);
