import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callManagement } from './management-call.ts';

let server: Server;
let url: URL;
let behave = (_socket: Socket) => {};
const sockets = new Set<Socket>();

beforeEach(async () => {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('data', () => behave(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api?action=get-webhook`);
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server.close();
});

const call = (allow = ['127.0.0.1']) =>
  callManagement({ action: 'get', url, key: 'k', keyField: 'ChaveApi', body: {}, secrets: ['k'], allow });

describe('NicoChat that', () => {
  it('does not answer is given up, with what that leaves open', async () => {
    const clock = new AbortController();
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(clock.signal);
    behave = () => clock.abort(new DOMException('late', 'TimeoutError'));
    await expect(call()).rejects.toThrow(/api did not answer within 15 s; it may have done what it was asked/);
    expect(AbortSignal.timeout).toHaveBeenCalledWith(15_000);
  });

  it.each([
    ['before it answers', (socket: Socket) => socket.destroy()],
    ['while it answers', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"status"')],
  ])('breaks the connection off %s is told so', async (_case, breaksOff) => {
    behave = breaksOff;
    await expect(call()).rejects.toThrow(/api broke the connection off \(UND_ERR_SOCKET\)\nIs nicochat.baseUrl/);
  });
});

describe('an address that egress.allow does not permit', () => {
  it.each([
    ['http:', '127.0.0.1 by http'],
    ['https:', '127.0.0.1 is a loopback address'],
  ])('is not called by %s', async (protocol, why) => {
    url.protocol = protocol;
    await expect(call([])).rejects.toMatchObject({
      message: expect.stringMatching(`/api was not called: egress refused: ${why}.*egress.allow in bridge.yaml`),
      exitCode: 78,
    });
    expect(sockets.size).toBe(0);
    await call().catch(() => {});
    expect(sockets.size).toBe(1);
  });
});
