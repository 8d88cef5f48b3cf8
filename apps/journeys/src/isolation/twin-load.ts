import { recordKey } from '@bridge/schemas';
import type { ChaosConversation } from '../chaos/conversations.ts';
import type { ProducedCommand } from '../chaos/evidence.ts';
import { createSteadyLoad } from '../chaos/steady-load.ts';
import { commandRecord, sendCommand } from '../world/send-commands.ts';
import type { Topics } from '../world/topics.ts';
import { badConnection } from './isolation-world.ts';

/**
 * Gives two worlds the same commands at the same moment. `flood` is asked at each command of the bad connection: so many
 * go in its place, each to another conversation, as a campaign would.
 */
export function createTwinLoad(options: {
  worlds: readonly [Topics, Topics];
  conversations: ChaosConversation[];
  rate: number;
  flood(): number;
}) {
  const { worlds, conversations, rate, flood } = options;
  const produced: ProducedCommand[] = [];

  async function send({ connection, id }: ChaosConversation, number: number): Promise<void> {
    const more = connection.id === badConnection ? flood() - 1 : 0;
    const flooded = Array.from({ length: more }, (_, index) => `${id}${String(index).padStart(4, '0')}`);
    const records = [id, ...flooded].flatMap((conversation) => {
      // The bot gets it as the text, so that what it received tells which command it was.
      const commandId = `${conversation}-${number}`;
      const key = recordKey({ connection: connection.id, conversationId: conversation });
      produced.push({ id: commandId, key, acked: true });
      const command = sendCommand({ connection: connection.id, conversation, message: commandId, id: commandId });
      return worlds.map(({ names }) => commandRecord(names.sendCommands, command));
    });
    // In one send, so that neither world is ahead.
    await worlds[0].publish(records);
  }
  return { ...createSteadyLoad({ conversations, rate, send }), produced };
}
