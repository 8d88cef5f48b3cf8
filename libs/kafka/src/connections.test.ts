import { expect, test } from 'vitest';
import type { BrokerConnection } from './broker-connection.ts';
import { createConnections } from './connections.ts';
import { clientOf } from './testing/world.ts';

test('a connection that can not be used any more is closed when another takes its place, and used no more', async () => {
  const opened: { isOpen: boolean; closed: number }[] = [];
  const connectBroker = async () => {
    const state = { isOpen: true, closed: 0 };
    opened.push(state);
    const close = async () => void (state.closed += 1);
    return { isOpen: () => state.isOpen, close } as unknown as BrokerConnection;
  };
  const connections = createConnections({ ...clientOf('a:1'), connectBroker }, 1_000);
  const first = await connections.to('a:1');
  expect(await connections.to('a:1')).toBe(first);
  opened[0]!.isOpen = false;
  expect(await connections.to('a:1')).not.toBe(first);
  expect(opened).toEqual([
    { isOpen: false, closed: 1 },
    { isOpen: true, closed: 0 },
  ]);
  await connections.closeAll();
  expect(opened[1]?.closed).toBe(1);
});
