import { z } from 'zod';

/** One call of a bot, as far as the sink looks. The text of each message begins with `#` and its place in the conversation. */
export type Call = { connection: string; conversation: string; sequence: number; sentAtMs: number | undefined };

const body = z.object({ content: z.string(), conversation_id: z.union([z.number(), z.string()]) });
const beginning = /^#(\d+)(?:@(\d+(?:\.\d+)?))? /;

/** What a message is to begin with; `sentAtMs` tells when it was sent, by the clock that the machine's processes share. */
export const beginMessage = (sequence: number, sentAtMs?: number) =>
  sentAtMs === undefined ? `#${sequence} ` : `#${sequence}@${sentAtMs.toFixed(3)} `;

/** Undefined when it is none. `path` is `/bot/<connection>`. */
export function readCall(path: string, bytes: Buffer): Call | undefined {
  const connection = /^\/bot\/([^/?]+)$/.exec(path)?.[1];
  const parsed = body.safeParse(parse(bytes.toString('utf8')));
  const [, sequence, sentAt] = beginning.exec(parsed.data?.content ?? '') ?? [];
  if (connection === undefined || parsed.data === undefined || sequence === undefined) return undefined;
  return {
    connection,
    conversation: String(parsed.data.conversation_id),
    sequence: Number(sequence),
    sentAtMs: sentAt === undefined ? undefined : Number(sentAt),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
