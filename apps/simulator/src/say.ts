import { randomUUID } from 'node:crypto';
import { buildWebhookPayload } from '@bridge/schemas';
import type { Answer } from './bot.ts';
import type { Delivery, DeliveryReport } from './deliver.ts';
import type { DeliveryQueue } from './delivery-queue.ts';
import type { Workspace } from './workspaces.ts';

/** One message of the bot or of an agent, and in which conversation. */
type Saying = Answer & {
  conversationId: string;
  contactId: string;
  messageId?: string;
  shape?: Workspace['shape'];
  signature?: Delivery['signature'];
};

export type Say = (workspace: Workspace, saying: Saying) => Promise<DeliveryReport>;

/** PHP's json_encode, which presumably writes the real deliveries, escapes the slash and all that is not ASCII. */
function escapeLikePhp(json: string): string {
  return json
    .replaceAll('/', String.raw`\/`)
    .replaceAll(/[\u0080-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Sends a message to the workspace's webhook, in the workspace's payload shape, after the conversation's earlier ones. */
export function createSay(queue: DeliveryQueue): Say {
  return (workspace, saying) => {
    const { conversationId, contactId, author, messageId = randomUUID(), signature = 'valid' } = saying;
    const shape = saying.shape ?? workspace.shape;
    const json = JSON.stringify(
      buildWebhookPayload(shape, saying.message, { conversationId, contactId, messageId, author }),
    );
    const body = Buffer.from(workspace.json === 'php' ? escapeLikePhp(json) : json);
    return queue.enqueue({
      workspace: workspace.id,
      conversation: conversationId,
      body,
      contentType: 'application/json',
      signature,
    });
  };
}
