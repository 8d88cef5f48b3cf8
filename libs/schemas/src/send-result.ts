import { z } from 'zod';
import { conversationSchema } from './inbound-event.ts';
import { momentSchema } from './ids.ts';
import { openObject } from './open-object.ts';

/**
 * What became of a send command: value of the topic send-results, one final result a command record.
 * `connection` and `conversation` are the command's, and absent only when the command itself had none that could be read.
 */
export const sendResultSchema = openObject({
  commandId: z.string().min(1),
  connection: z.string().optional(),
  conversation: conversationSchema.optional(),
  outcome: z.enum(['sent', 'rejected', 'failed', 'expired', 'duplicate', 'unknown']),
  attempts: z.int().nonnegative().meta({ description: 'Requests made to bot_url; 0 when none was.' }),
  status: z.int().optional().meta({ description: 'HTTP status of the last answer.' }),
  reason: z.string().optional(),
  at: momentSchema,
});
export type SendResult = z.infer<typeof sendResultSchema>;
