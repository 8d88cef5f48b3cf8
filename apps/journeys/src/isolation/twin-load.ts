import { recordKey } from '@bridge/schemas';
import type { ChaosConversation } from '../chaos/conversations.ts';
import type { ProducedCommand } from '../chaos/evidence.ts';
import { createSteadyLoad } from '../chaos/steady-load.ts';
import { commandRecord, sendCommand } from '../world/send-commands.ts';
import type { Topics } from '../world/topics.ts';
import { badConnection } from './isolation-world.ts';

/** Where one world's commands go, and all that went there. */
type Target = { topics: Topics; produced: ProducedCommand[] };

/**
 * Gives two worlds the same commands at the same moment. `flood` is asked at each command of the bad connection: so many
 * go to the first world in its place, each to another conversation, as a campaign would.
 */
export function createTwinLoad(options: {
  first: Target;
  second: Target;
  conversations: ChaosConversation[];
  rate: number;
  flood(): number;
}) {
  const { first, second, conversations, rate, flood } = options;

  async function send({ connection, id }: ChaosConversation, number: number): Promise<void> {
    const recordTo = ({ topics, produced }: Target, conversation: string) => {
      // The bot gets it as the text, so that what it received tells which command it was.
      const commandId = `${conversation}-${number}`;
      const key = recordKey({ connection: connection.id, conversationId: conversation });
      produced.push({ id: commandId, key, acked: true });
      const command = sendCommand({ connection: connection.id, conversation, message: commandId, id: commandId });
      return commandRecord(topics.names.sendCommands, command);
    };
    const more = connection.id === badConnection ? flood() - 1 : 0;
    const flooded = Array.from({ length: more }, (_, index) =>
      recordTo(first, `${id}${String(index).padStart(4, '0')}`),
    );
    // In one send, so that none of the worlds is ahead.
    await first.topics.publish([recordTo(second, id), recordTo(first, id), ...flooded]);
  }
  return createSteadyLoad({ conversations, rate, send });
}
