import { z } from 'zod';
import { channelIdSchema } from './ids.ts';
import { inboundEventSchema } from './inbound-event.ts';
import { openObject } from './open-object.ts';

/**
 * An inbound event that was routed: value of the topic channel-messages and of channels' own topics.
 * `route` is the name of the rule that matched, or absent when the default channel took it. `duplicateSuspected`
 * is true when the same body came twice within minutes and nothing in it tells a repeat from an honest second message.
 */
export const channelMessageSchema = openObject({
  ...inboundEventSchema.shape,
  channel: channelIdSchema,
  route: z.string().optional(),
  duplicateSuspected: z.boolean().optional(),
});
export type ChannelMessage = z.infer<typeof channelMessageSchema>;
