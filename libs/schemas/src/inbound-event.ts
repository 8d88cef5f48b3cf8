import { z } from 'zod';
import { connectionIdSchema, foreignIdSchema, momentSchema } from './ids.ts';
import { inboundMessageSchema } from './inbound-message.ts';
import { openObject } from './open-object.ts';

export const conversationSchema = openObject({ id: foreignIdSchema });

/** Who answered. NicoChat documents that both bots and agents do, not how a delivery tells them apart. */
export const authorSchema = openObject({
  kind: z.enum(['bot', 'agent', 'unknown']),
  id: z.string().optional(),
  name: z.string().optional(),
});
export type Author = z.infer<typeof authorSchema>;

/** One message that a bot or an agent sent, as the bridge publishes it: value of the topic inbound-events. */
export const inboundEventSchema = openObject({
  id: z
    .string()
    .min(1)
    .meta({ description: '<ULID of the receipt>-<index>: given once, stays through retries and replays.' }),
  redeliveryKey: z.string().min(1).meta({ description: 'The same for a repeated delivery of the same body.' }),
  connection: connectionIdSchema,
  conversation: conversationSchema.optional(),
  contact: openObject({ id: foreignIdSchema, name: z.string().optional() }).optional(),
  author: authorSchema,
  message: inboundMessageSchema,
  verified: z.boolean().meta({ description: 'Whether the signature of the delivery was verified.' }),
  receivedAt: momentSchema,
  raw: z.unknown().meta({ description: 'What NicoChat sent, as it came.' }),
});
export type InboundEvent = z.infer<typeof inboundEventSchema>;
