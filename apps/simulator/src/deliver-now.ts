import { inboundMessageSchema, type KnownMessage } from '@bridge/schemas';
import { z } from 'zod';
import type { DeliveryReport } from './deliver.ts';
import type { DeliveryQueue } from './delivery-queue.ts';
import type { Say } from './say.ts';
import type { Workspace } from './workspaces.ts';

const messageSchema = inboundMessageSchema.refine((message): message is KnownMessage => message.kind !== 'unknown', {
  message: 'one of the seven kinds; for anything else send raw or rawText',
});

/** What to deliver: one of `message` (in the payload shape), `raw` (any JSON, as it is) or `rawText` (these very bytes). */
export const deliverSchema = z
  .strictObject({
    message: messageSchema.optional(),
    raw: z.json().optional(),
    rawText: z.string().optional(),
    author: z.enum(['bot', 'agent']).default('bot'),
    conversationId: z
      .union([z.string().min(1), z.number()])
      .transform(String)
      .default('1'),
    contactId: z.coerce.string().min(1).default('contact-1'),
    /** The same id twice makes the second a redelivery; absent: a new one. */
    messageId: z.string().min(1).optional(),
    shape: z.enum(['chatwoot', 'messenger', 'uchat']).optional(),
    contentType: z.string().min(1).default('application/json'),
    signature: z.enum(['valid', 'forged', 'none']).default('valid'),
  })
  .refine((given) => [given.message, given.raw, given.rawText].filter((one) => one !== undefined).length === 1, {
    message: 'exactly one of message, raw and rawText',
  });

export type DeliverNow = (workspace: Workspace, given: z.infer<typeof deliverSchema>) => Promise<DeliveryReport>;

/** Sends a message or a payload of the caller's choice to the webhook, after the conversation's earlier ones. */
export function createDeliverNow({ say, queue }: { say: Say; queue: DeliveryQueue }): DeliverNow {
  return (workspace, given) => {
    const { message, raw, rawText, conversationId, contactId, author, signature, contentType } = given;
    if (message) {
      const { messageId, shape } = given;
      return say(workspace, {
        message,
        author,
        conversationId,
        contactId,
        signature,
        ...(messageId && { messageId }),
        ...(shape && { shape }),
      });
    }
    const body = Buffer.from(rawText ?? JSON.stringify(raw));
    return queue.enqueue({ workspace: workspace.id, conversation: conversationId, body, contentType, signature });
  };
}
