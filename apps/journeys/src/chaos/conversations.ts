import { recordKey } from '@bridge/schemas';
import type { Connection } from '../world/bridge-folder.ts';

/** `key` is that of its records. */
export type ChaosConversation = { connection: Connection; id: string; key: string };

/** So many conversations, dealt out to the connections in turn. */
export function dealConversations(connections: [Connection, ...Connection[]], count: number): ChaosConversation[] {
  return Array.from({ length: count }, (_, index) => {
    const connection = connections[index % connections.length] ?? connections[0];
    const id = String(70_001 + index);
    return { connection, id, key: recordKey({ connection: connection.id, conversationId: id }) };
  });
}
