import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from '@bridge/tools/ports';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../world/until.ts';
import { startFaultProxy } from './fault-proxy.ts';

/** Also by an error, for which `once` would reject. */
const closing = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

/** A proxy before a server that sends back what it gets, and all that the server got. */
async function proxied() {
  const got: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {}).setEncoding('utf8');
    socket.on('data', (text) => {
      got.push(String(text));
      socket.write(text);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [port = 0] = await freePorts(1);
  const proxy = await startFaultProxy({ port, targetPort: (server.address() as AddressInfo).port });
  onTestFinished(async () => {
    await proxy.close();
    server.close();
  });

  async function open() {
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    const said: string[] = [];
    socket.on('error', () => {}).on('data', (text) => said.push(String(text)));
    await Promise.race([once(socket, 'connect').catch(() => {}), closing(socket)]);
    return { socket, said: () => said.join('') };
  }
  return { proxy, open, got: () => got.join('') };
}

it('forwards both ways', async () => {
  const { open } = await proxied();
  const { socket, said } = await open();
  socket.write('hello');
  await until('the echo', () => said() === 'hello');
  socket.end();
  await once(socket, 'close');
});

it('a cut drops what is connected and refuses what comes, until it is healed', async () => {
  const { proxy, open } = await proxied();
  const before = await open();
  const dropped = closing(before.socket);
  await proxy.cut();
  await dropped;
  expect((await open()).socket.destroyed).toBe(true);
  await proxy.heal();
  const after = await open();
  after.socket.write('again');
  await until('the echo', () => after.said() === 'again');
});

it('a stall forwards nothing, and all of it in order once it is healed', async () => {
  const { proxy, open, got } = await proxied();
  const { socket, said } = await open();
  proxy.stall();
  for (const word of ['one ', 'two ', 'three']) {
    socket.write(word);
    await pause(30);
  }
  expect(got()).toBe('');
  await proxy.heal();
  await until('the echo', () => said() === 'one two three');
});

it('what was held back arrives though its sender is gone', async () => {
  const { proxy, open, got } = await proxied();
  const { socket } = await open();
  socket.write('before ');
  await until('the first', () => got() === 'before ');
  proxy.stall();
  socket.end('late');
  await pause(50);
  socket.destroy();
  await proxy.heal();
  await until('the second', () => got() === 'before late');
});

it('a delay keeps the order, also when it gets shorter meanwhile', async () => {
  const { proxy, open } = await proxied();
  const { socket, said } = await open();
  proxy.delay(100);
  socket.write('a');
  await pause(20);
  proxy.delay(1);
  socket.write('b');
  await until('the echo', () => said() === 'ab');
});
