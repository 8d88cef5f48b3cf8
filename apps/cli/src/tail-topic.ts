import { topicNames } from '@bridge/schemas';

/** The short names of the bridge's topics, for `bridge tail`. */
export const shortNames = {
  'inbound-events': 'inboundEvents',
  'channel-messages': 'channelMessages',
  'send-commands': 'sendCommands',
  'send-results': 'sendResults',
  'dead-letters': 'deadLetters',
} as const satisfies Record<string, keyof ReturnType<typeof topicNames>>;

/** The whole name of a topic given by its short name, or by its whole name already. */
export function tailTopic(name: string, prefix: string): string {
  return Object.hasOwn(shortNames, name) ? topicNames(prefix)[shortNames[name as keyof typeof shortNames]] : name;
}
