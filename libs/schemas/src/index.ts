export * from './bot-request.ts';
export * from './build-bot-request.ts';
export * from './capture.ts';
export * from './channel-message.ts';
export * from './cloud-event-headers.ts';
export * from './dead-letter.ts';
export * from './handshake.ts';
export { channelIdSchema, connectionIdSchema, type ChannelId, type ConnectionId } from './ids.ts';
export {
  authorSchema,
  conversationSchema,
  inboundEventSchema,
  type Author,
  type InboundEvent,
} from './inbound-event.ts';
export * from './inbound-message.ts';
export * from './lossless-json.ts';
export * from './management-api.ts';
export { protocolWord } from './protocol-word.ts';
export * from './record-key.ts';
export * from './send-command.ts';
export * from './send-result.ts';
export * from './topics.ts';
export * from './webhook-payloads.ts';
export { normalizeWebhook, type NormalizedEvent } from './normalize-webhook.ts';
export { authorRules, directionRules, itemPaths, partPaths, privateRules, words } from './webhook-paths.ts';
