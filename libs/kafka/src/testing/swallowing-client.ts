import { Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { openBrokerConnection } from '../broker-connection.ts';
import type { KafkaClient } from '../connect-kafka.ts';
import { clientOf } from './world.ts';

/** The requests of which answers can be swallowed, by their keys. */
const keys = { produce: 0, addPartitions: 24, endTxn: 26, txnOffsetCommit: 28 };
export type Swallowable = keyof typeof keys;

/** Whether bytes that are written begin such a request: its key and a version follow the length. Other pieces begin with 0. */
function begins(data: Buffer, request: Swallowable): boolean {
  const version = data.readInt16BE(6);
  return data.readInt16BE(4) === keys[request] && version <= 8 && version >= (request === 'produce' ? 3 : 0);
}

/**
 * A client whose connections can lose answers: each `arm()` lets the broker take one more such request, and cuts the
 * connection instead of passing its answer on.
 */
export function swallowingClient(brokers: string) {
  const armed: Swallowable[] = [];
  let swallowed = 0;
  const socketFactory = ({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }) => {
    // Connected first: connecting puts the original `write` back.
    const socket = new Socket().connect({ host, port }, onConnect);
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    const emit = socket.emit.bind(socket) as (...args: unknown[]) => boolean;
    let swallowing = false;
    socket.write = (data: Buffer, ...rest: unknown[]) => {
      if (armed[0] !== undefined && begins(data, armed[0])) {
        armed.shift();
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
  const open: KafkaClient['open'] = ({ retries = 5 } = {}) =>
    new Kafka({
      brokers: base.settings.brokers,
      socketFactory,
      logLevel: logLevel.NOTHING,
      retry: { retries, initialRetryTime: 100 },
    });
  const connectBroker: KafkaClient['connectBroker'] = (address, requestTimeoutMs) =>
    openBrokerConnection(open({ requestTimeoutMs }), address, requestTimeoutMs);
  const arm = (request: Swallowable = 'produce') => void armed.push(request);
  return { client: { ...base, open, connectBroker }, arm, swallowed: () => swallowed };
}
