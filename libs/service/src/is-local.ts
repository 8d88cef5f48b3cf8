import type { IncomingHttpHeaders } from 'node:http';

const loopback = /^(127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/;
const loopbackHost = /^(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/i;
const forwarding = /^(x-)?forwarded|^via$/;

type Request = { socket: { remoteAddress?: string | undefined }; headers: IncomingHttpHeaders };

/**
 * Whether a request comes from the machine (the pod) that the process runs on, by one who meant it: from the loopback
 * address, to a loopback name (a page in a browser here may point its own name at 127.0.0.1), through no proxy that says so.
 */
export function isLocal({ socket, headers }: Request): boolean {
  return (
    loopback.test(socket.remoteAddress ?? '') &&
    loopbackHost.test(headers.host ?? '') &&
    !Object.keys(headers).some((name) => forwarding.test(name))
  );
}
