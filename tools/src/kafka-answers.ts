import { connect } from 'node:net';

/** ApiVersions, version 0, no client id: the one request that every broker answers, whatever its version. */
const request = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff]);
const correlationId = 7;

/**
 * Whether a Kafka broker answers at the address (`host:port`). More than an open port: a broker accepts connections before it
 * serves requests.
 */
export function kafkaAnswers(address: string, timeoutMs = 2_000): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
    let received = Buffer.alloc(0);
    const finish = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // length, correlation id, error code
      if (received.length >= 10) finish(received.readInt32BE(4) === correlationId && received.readInt16BE(8) === 0);
    });
  });
}
