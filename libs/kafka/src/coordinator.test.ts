import { expect, test } from 'vitest';
import type { BrokerConnection } from './broker-connection.ts';
import { createCoordinator } from './coordinator.ts';
import { createLeaders } from './leaders.ts';
import { clientOf } from './testing/world.ts';

/** Two brokers, of which the second is the coordinator once the first is not there. */
function cluster() {
  const state = { first: 'well' as 'well' | 'gone' | 'hung', asked: [] as string[] };
  const connectBroker = async (address: string): Promise<BrokerConnection> => {
    const isFirst = address === 'first:1';
    if (isFirst && state.first === 'gone') throw new Error('refused');
    // What stands for a request without an answer: it takes its time, then fails.
    const hang = async () => {
      if (isFirst && state.first === 'hung')
        await new Promise((_, fail) => setTimeout(fail, 300, new Error('timeout')));
      if (isFirst && state.first === 'gone') throw new Error('closed');
    };
    return {
      isOpen: () => !(isFirst && state.first === 'gone'),
      describe: async () => {
        await hang();
        return { brokers: new Map(), topics: new Map() };
      },
      produce: async () => [],
      async ask(api) {
        await hang();
        state.asked.push(`${api} of ${address}`);
        const coordinator = state.first === 'well' ? { host: 'first', port: 1 } : { host: 'second', port: 2 };
        return api === 'GroupCoordinator' ? { errorCode: 0, coordinator } : { errorCode: 0 };
      },
      close: async () => {},
    };
  };
  const client = { ...clientOf('first:1,second:2'), connectBroker };
  return { state, coordinator: createCoordinator(createLeaders(client, 1_000), 'group', 'g') };
}

const ask = ({ coordinator }: ReturnType<typeof cluster>) => coordinator.ask('OffsetFetch', {}, () => {});

test('when the broker that was asked last is gone, the others are asked for the coordinator', async () => {
  const world = cluster();
  await ask(world);
  world.state.first = 'gone';
  await ask(world);
  expect(world.state.asked.at(-1)).toBe('OffsetFetch of second:2');
});

test('of one that hangs, the request fails, and the next one goes elsewhere', async () => {
  const world = cluster();
  await ask(world);
  world.state.first = 'hung';
  await expect(ask(world)).rejects.toThrow('timeout');
  await ask(world);
  expect(world.state.asked.at(-1)).toBe('OffsetFetch of second:2');
});
