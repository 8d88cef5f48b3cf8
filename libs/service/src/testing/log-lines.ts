import { writeSync } from 'node:fs';
import type { Log } from '../log.ts';

/** A line that a service under test wrote. */
export type Line = { level: string; message: string } & Record<string, unknown>;

/** A logger that writes one JSON object a line to standard output, at once. */
export function createLineLog(onLine: (line: Line) => void = () => {}): Log {
  const at = (level: string) => (fields: object, message: string) => {
    const line: Line = { ...plain(fields), level, message };
    writeSync(1, `${JSON.stringify(line)}\n`);
    onLine(line);
  };
  return { info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') };
}

export function parseLines(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}

function plain(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? value.message : value]),
  );
}
