import { existsSync } from 'node:fs';
import { channelTopicSpec, topicTable } from '@bridge/schemas';
import type { TopicSpec } from '@bridge/schemas';
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { configPath, readBridgeConfig, readTopicPrefix } from './settings.ts';

/** The topics that the bridge needs: its own five, and those that bridge.yaml gives to channels for themselves. */
export function wantedTopics(command: Command, context: CommandContext): TopicSpec[] {
  const own = topicTable(readTopicPrefix(command, context));
  const { path, named } = configPath(command, context);
  if (!named && !existsSync(path)) {
    context.note(`No ${path} here: only the bridge's own topics are looked at, none of a channel (see --config).`);
    return own;
  }
  const channels = [...readBridgeConfig(command, context, []).channels.values()];
  const names = new Set(channels.flatMap(({ topic }) => topic ?? []));
  for (const { name } of own) names.delete(name);
  return [...own, ...[...names].map(channelTopicSpec)];
}
