import { Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import type { KafkaClient } from '../connect-kafka.ts';
import { clientOf } from './world.ts';

const heartbeatKey = 12;

/**
 * A client whose heartbeats can get lost on their way, while all else arrives: for its group it is then as if the process
 * slept, though it does not.
 */
export function mutableClient(brokers: string): { client: KafkaClient; mute(on: boolean): void } {
  let muted = false;
  const socketFactory = ({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }) => {
    // Connected first: connecting puts the original `write` back.
    const socket = new Socket().connect({ host, port }, onConnect);
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (data: Buffer, ...rest: unknown[]) =>
      (muted && data.readInt16BE(4) === heartbeatKey) || write(data, ...rest);
    return socket;
  };
  const base = clientOf(brokers);
  const open: KafkaClient['open'] = ({ retries = 5 } = {}) =>
    new Kafka({
      brokers: base.settings.brokers,
      socketFactory,
      requestTimeout: 5_000,
      enforceRequestTimeout: true,
      logLevel: logLevel.NOTHING,
      retry: { retries, initialRetryTime: 100 },
    });
  return { client: { ...base, open }, mute: (on) => void (muted = on) };
}
