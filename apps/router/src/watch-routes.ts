import { watchBridgeConfig } from '@bridge/config';
import type { BridgeConfig, BridgeConfigWatch } from '@bridge/config';
import type { KafkaClient } from '@bridge/kafka';
import type { Logger, Metrics } from '@bridge/telemetry';
import { requireChannelTopics } from './require-channel-topics.ts';

/** The topics that channels have for themselves. */
export const ownTopicsOf = ({ channels }: BridgeConfig): string[] =>
  [...channels.values()].flatMap(({ topic }) => topic ?? []);

/** bridge.yaml as it is in force. A new one is only accepted when the topics that its channels add can be written to. */
export function watchRoutes(options: {
  path: string;
  client: KafkaClient;
  bridgeTopics: string[];
  log: Logger;
  metrics: Metrics;
}): BridgeConfigWatch<never> {
  const { client, bridgeTopics, ...rest } = options;
  const config = watchBridgeConfig({
    ...rest,
    env: {},
    secrets: [],
    allowUnsigned: true,
    async accept(next) {
      const known = ownTopicsOf(config.current());
      const added = ownTopicsOf(next).filter((topic) => !known.includes(topic));
      if (added.length > 0) await requireChannelTopics(client, added, bridgeTopics);
    },
  });
  return config;
}
