import { z } from 'zod';
import { connectionIdSchema, foreignIdSchema, momentSchema } from './ids.ts';
import { conversationSchema } from './inbound-event.ts';
import { openObject } from './open-object.ts';

const media = {
  url: z.url({ protocol: /^https$/ }).meta({ description: 'NicoChat fetches it: public and https.' }),
  name: z.string().optional(),
  caption: z.string().optional(),
};

/** What the end user did: wrote a text, pressed a button (its payload as it came), or sent a medium. */
export const outgoingMessageSchema = z.discriminatedUnion('kind', [
  openObject({ kind: z.literal('text'), text: z.string().min(1) }),
  openObject({ kind: z.literal('button'), title: z.string().min(1), payload: z.string() }),
  openObject({ kind: z.literal('image'), ...media }),
  openObject({ kind: z.literal('audio'), ...media }),
  openObject({ kind: z.literal('video'), ...media }),
  openObject({ kind: z.literal('file'), ...media }),
]);
export type OutgoingMessage = z.infer<typeof outgoingMessageSchema>;

/** An internal service's wish to send one message of an end user to the bot: value of the topic send-commands. */
export const sendCommandSchema = openObject({
  id: z.string().min(1).max(512).meta({ description: 'Unique within its conversation, chosen by the producer.' }),
  connection: connectionIdSchema,
  conversation: conversationSchema.refine(({ id }) => id.length <= 512, {
    path: ['id'],
    error: 'at most 512 characters',
  }),
  contact: openObject({
    id: foreignIdSchema.meta({ description: 'Stable id of the end user; becomes the bot user.' }),
    name: z.string().optional(),
    email: z.string().optional(),
    phone: z.string().optional(),
  }),
  message: outgoingMessageSchema,
  expiresAt: momentSchema.optional().meta({ description: 'Not sent after this moment.' }),
});
export type SendCommand = z.infer<typeof sendCommandSchema>;
