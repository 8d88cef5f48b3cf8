import type { ZodType } from 'zod';
import { channelMessageSchema } from './channel-message.ts';
import { inboundEventSchema } from './inbound-event.ts';
import { sendCommandSchema } from './send-command.ts';
import { sendResultSchema } from './send-result.ts';

const dayMs = 24 * 60 * 60 * 1000;
const mebibyte = 1024 * 1024;

/** The names of the bridge's five topics under a prefix (`nicochat` by default). */
export function topicNames(prefix: string) {
  return {
    inboundEvents: `${prefix}.inbound-events.v1`,
    channelMessages: `${prefix}.channel-messages.v1`,
    sendCommands: `${prefix}.send-commands.v1`,
    sendResults: `${prefix}.send-results.v1`,
    deadLetters: `${prefix}.dead-letters.v1`,
  };
}

/** What a topic must be like. `schema` is that of its values (undefined: any value), `key` says in words what its keys are. */
export interface TopicSpec {
  name: string;
  kind: keyof ReturnType<typeof topicNames>;
  partitions: number;
  retentionMs: number;
  maxMessageBytes: number;
  timestampType: 'CreateTime' | 'LogAppendTime';
  schema: ZodType | undefined;
  key: string;
}

const shared = { partitions: 12, retentionMs: 7 * dayMs } as const;
const conversationKey =
  '<connection>/<conversation id>, else <connection>/contact/<contact id>, else <connection>/event/<event id>; ids percent-encoded';

/**
 * A topic of channel messages: the shared one, or one that a channel has for itself.
 * @param name the whole name, prefix included
 */
export function channelTopicSpec(name: string): TopicSpec {
  return {
    ...shared,
    name,
    kind: 'channelMessages',
    maxMessageBytes: 4 * mebibyte,
    timestampType: 'CreateTime',
    schema: channelMessageSchema,
    key: `as the inbound event: ${conversationKey}`,
  };
}

/**
 * The five topics. send-results has as many partitions as send-commands and keeps no less, because a result is written
 * to its command's partition and is what tells later that the command was sent.
 */
export function topicTable(prefix: string): TopicSpec[] {
  const names = topicNames(prefix);
  return [
    {
      ...shared,
      name: names.inboundEvents,
      kind: 'inboundEvents',
      maxMessageBytes: 4 * mebibyte,
      timestampType: 'CreateTime',
      schema: inboundEventSchema,
      key: conversationKey,
    },
    channelTopicSpec(names.channelMessages),
    {
      ...shared,
      name: names.sendCommands,
      kind: 'sendCommands',
      maxMessageBytes: 4 * mebibyte,
      timestampType: 'LogAppendTime',
      schema: sendCommandSchema,
      key: '<connection>/<conversation id>; ids percent-encoded',
    },
    {
      ...shared,
      name: names.sendResults,
      kind: 'sendResults',
      maxMessageBytes: mebibyte,
      timestampType: 'LogAppendTime',
      schema: sendResultSchema,
      key: "as the send command, in the command's partition",
    },
    {
      ...shared,
      name: names.deadLetters,
      kind: 'deadLetters',
      retentionMs: 30 * dayMs,
      maxMessageBytes: 5 * mebibyte,
      timestampType: 'CreateTime',
      schema: undefined,
      key: 'as the record that was given up on',
    },
  ];
}
