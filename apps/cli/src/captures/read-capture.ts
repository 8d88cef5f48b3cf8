import { captureSchema } from '@bridge/schemas';
import type { Capture } from '@bridge/schemas';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { readBytes } from '../read-bytes.ts';

/** A capture as `captures save` wrote it, from a file, or from standard input for `-`. Throws a usage error for anything else. */
export async function readCapture(path: string, context: CommandContext): Promise<Capture> {
  const text = (await readBytes(path, context)).toString('utf8');
  const parsed = captureSchema.safeParse(parseOrUndefined(text));
  if (parsed.success) return parsed.data;
  const which = path === '-' ? 'standard input' : path;
  throw new CommandError(`${which} is no capture: "captures save" and "captures show --json" write one`, 'usage');
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
