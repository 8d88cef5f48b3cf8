import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { privateValuesIn } from './private-values.ts';

/** How the files are named that hold what the operator's command printed. */
export const ofCommand = '.command.txt';

export type Printed = { files: number; lines: number; found: string[] };

/** Reads all that processes printed into a folder, a file each, and lists each line that holds a private value. */
export async function searchPrinted(folder: string): Promise<Printed> {
  const printed: Printed = { files: 0, lines: 0, found: [] };
  for (const file of readdirSync(folder)) {
    printed.files += 1;
    for await (const line of createInterface({ input: createReadStream(join(folder, file)), crlfDelay: Infinity })) {
      printed.lines += 1;
      const kinds = privateValuesIn(line, file.endsWith(ofCommand) ? 'command' : 'process');
      if (kinds.length > 0) printed.found.push(`${file}: ${kinds.join(', ')}: ${line.slice(0, 500)}`);
    }
  }
  return printed;
}
