import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptLogsVariable } from '@bridge/tools/app-process';
import { searchPrinted } from './printed.ts';

/**
 * Vitest's global setup: all that the processes of this run print is kept until its end. Then none of it may hold a secret, nor
 * what identifies the person who writes in the journeys, or the run has failed.
 */
export default function keepWhatIsPrinted(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-journeys-printed-'));
  process.env[keptLogsVariable] = folder;
  return async () => {
    const { files, lines, found } = await searchPrinted(folder);
    if (found.length > 0) {
      const shown = found.slice(0, 20).join('\n');
      throw new Error(`${found.length} lines hold what no process may print; all is in ${folder}\n${shown}`);
    }
    rmSync(folder, { recursive: true });
    console.log(
      `The journeys printed ${lines} lines in ${files} files: no secret, name, address or phone number in them.`,
    );
  };
}
