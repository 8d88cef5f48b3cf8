import { Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { openBrokerConnection } from '../broker-connection.ts';
import type { KafkaClient } from '../connect-kafka.ts';
import { clientOf } from './world.ts';

/** Whether bytes that are written begin a produce request: its key, 0, and a version follow the length. */
const isProduce = (data: Buffer) => data.readInt32BE(4) >= 3 && data.readInt32BE(4) <= 8;

/**
 * A client whose connections can lose answers: each `arm()` lets the broker take one more produce request, and cuts the
 * connection instead of passing its answer on.
 */
export function swallowingClient(brokers: string) {
  let armed = 0;
  let swallowed = 0;
  const socketFactory = ({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }) => {
    // Connected first: connecting puts the original `write` back.
    const socket = new Socket().connect({ host, port }, onConnect);
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    const emit = socket.emit.bind(socket) as (...args: unknown[]) => boolean;
    let swallowing = false;
    socket.write = (data: Buffer, ...rest: unknown[]) => {
      if (armed > 0 && isProduce(data)) {
        armed -= 1;
        swallowing = true;
      }
      return write(data, ...rest);
    };
    socket.emit = ((event: string, ...args: unknown[]) => {
      if (event !== 'data' || !swallowing) return emit(event, ...args);
      swallowed += 1;
      socket.destroy(new Error('the answer was swallowed'));
      return true;
    }) as typeof socket.emit;
    return socket;
  };
  const base = clientOf(brokers);
  const open: KafkaClient['open'] = ({ retries = 5, initialRetryMs = 100 } = {}) =>
    new Kafka({
      brokers: base.settings.brokers,
      socketFactory,
      logLevel: logLevel.NOTHING,
      retry: { retries, initialRetryTime: initialRetryMs },
    });
  const connectBroker: KafkaClient['connectBroker'] = (address, requestTimeoutMs) =>
    openBrokerConnection(open({ requestTimeoutMs }), address, requestTimeoutMs);
  return { client: { ...base, open, connectBroker }, arm: () => void (armed += 1), swallowed: () => swallowed };
}
