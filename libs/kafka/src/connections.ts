import type { BrokerConnection } from './broker-connection.ts';
import type { KafkaClient } from './connect-kafka.ts';

/** One connection to each broker that it was needed to, by address. */
export function createConnections(client: KafkaClient, requestTimeoutMs: number) {
  const connections = new Map<string, Promise<BrokerConnection>>();
  let isClosed = false;

  /** The connection that there is, or a new one in place of one that is closed. Rejects once all were closed. */
  async function to(address: string): Promise<BrokerConnection> {
    if (isClosed) throw new Error('all connections were closed');
    const known = connections.get(address);
    if (known && (await known).isOpen()) return known;
    const newer = connections.get(address);
    if (newer && newer !== known) return newer;
    const opening = client.connectBroker(address, requestTimeoutMs);
    connections.set(address, opening);
    opening.catch(() => forget(address, opening));
    // Perhaps not closed by the broker: one whose login ends soon is replaced as well.
    known?.then((one) => one.close()).catch(() => undefined);
    return opening;
  }

  /** It is not used again. */
  function forget(address: string, connection = connections.get(address)): void {
    if (connections.get(address) === connection) connections.delete(address);
    connection?.then((one) => one.close()).catch(() => undefined);
  }

  async function closeAll(): Promise<void> {
    isClosed = true;
    const all = [...connections.values()];
    connections.clear();
    await Promise.allSettled(all.map(async (connection) => (await connection).close()));
  }

  return { to, forget, closeAll, addresses: () => [...connections.keys()] };
}
