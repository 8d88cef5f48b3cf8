import { partitionCounts } from '@bridge/kafka';
import type { BridgeWorld } from './bridge-world.ts';
import { createCommandLoad } from './command-load.ts';
import { dealConversations } from './conversations.ts';
import type { ChaosConversation } from './conversations.ts';
import { createWebhookLoad } from './webhook-load.ts';

const conversationCount = 60;

export type Loads = {
  conversations: ChaosConversation[];
  webhooks: ReturnType<typeof createWebhookLoad>;
  commands: ReturnType<typeof createCommandLoad>;
  begin(): void;
  /** Gives out no more. */
  end(): void;
  /** How many are not through yet. */
  open(): number;
  /** Gives up on what is not through. */
  stop(): Promise<void>;
};

/** Webhooks and commands, `rate` a second each, in sixty conversations of all connections. They have not begun yet. */
export async function createLoads(
  { connections, topics }: Pick<BridgeWorld, 'connections' | 'topics'>,
  rate: number,
): Promise<Loads> {
  const conversations = dealConversations(connections, conversationCount);
  const { sendCommands: topic } = topics.names;
  const partitions = (await partitionCounts(topics.client, [topic])).get(topic) ?? 1;
  const webhooks = createWebhookLoad({ conversations, rate });
  const commands = createCommandLoad({ client: topics.client, topic, partitions, conversations, rate });
  return {
    conversations,
    webhooks,
    commands,
    begin() {
      webhooks.begin();
      commands.begin();
    },
    end() {
      webhooks.end();
      commands.end();
    },
    open: () => webhooks.open() + commands.open(),
    async stop() {
      await Promise.all([webhooks.stop(), commands.stop()]);
      await commands.close();
    },
  };
}
