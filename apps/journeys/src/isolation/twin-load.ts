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
 * go to the first world in its place.
 */
export function createTwinLoad(options: {
  first: Target;
  second: Target;
  conversations: ChaosConversation[];
  rate: number;
  flood(): number;
}) {
  const { first, second, conversations, rate, flood } = options;

  async function send({ connection, id, key }: ChaosConversation, number: number): Promise<void> {
    const copies = connection.id === badConnection ? flood() : 1;
    const recordsOf = ({ topics, produced }: Target, count: number) =>
      Array.from({ length: count }, (_, copy) => {
        // The bot gets it as the text, so that what it received tells which command it was.
        const commandId = copy === 0 ? `${id}-${number}` : `${id}-${number}-${copy}`;
        produced.push({ id: commandId, key, acked: true });
        const command = sendCommand({ connection: connection.id, conversation: id, message: commandId, id: commandId });
        return commandRecord(topics.names.sendCommands, command);
      });
    // In one send, so that none of the worlds is ahead.
    await first.topics.publish([...recordsOf(second, 1), ...recordsOf(first, copies)]);
  }
  return createSteadyLoad({ conversations, rate, send });
}
