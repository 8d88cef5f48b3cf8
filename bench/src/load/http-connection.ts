import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createResponseParser } from './response-parser.ts';

/** One kept-alive connection on which requests go one after another. It is opened anew when it was closed. */
export type HttpConnection = {
  /** Sends the bytes of a request; at most one may be under way. `onEnd` gets the status, or 0 when there was no answer. */
  send(request: Buffer, onEnd: (status: number) => void): void;
  close(): void;
};

export function openHttpConnection({ host, port }: { host: string; port: number }): HttpConnection {
  let socket: Socket | undefined;
  let waiting: ((status: number) => void) | undefined;

  function end(status: number): void {
    const onEnd = waiting;
    waiting = undefined;
    onEnd?.(status);
  }

  function drop(gone: Socket): void {
    gone.destroy();
    if (socket !== gone) return;
    socket = undefined;
    end(0);
  }

  function open(): Socket {
    const opened = connect({ host, port, noDelay: true });
    const parser = createResponseParser(({ status, keepAlive }) => {
      if (!keepAlive) {
        socket = undefined;
        opened.destroy();
      }
      end(status);
    });
    opened.on('data', (chunk) => {
      try {
        parser.push(chunk);
      } catch {
        drop(opened);
      }
    });
    opened.on('error', () => drop(opened));
    opened.on('close', () => drop(opened));
    return opened;
  }

  return {
    send(request, onEnd) {
      waiting = onEnd;
      socket ??= open();
      socket.write(request);
    },
    close: () => socket?.destroy(),
  };
}
