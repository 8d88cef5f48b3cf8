import { expect, test } from 'vitest';
import type { Entry } from './connection-gate.ts';
import { createConnectionGates } from './connection-gates.ts';
import type { OutboundConnection } from './deliver-send-command.ts';
import { testConnection } from './testing/connection.ts';

const limits = { requestsPerSecond: 1, burst: 1_000, concurrency: 2 };
const settle = () => new Promise((resolve) => setImmediate(resolve));
const mapOf = (connections: OutboundConnection[]) => new Map(connections.map((each) => [each.id, each]));

function world() {
  const breakers: string[] = [];
  const gates = createConnectionGates(
    () => false,
    ({ connection, state }) => breakers.push(`${connection} ${state}`),
  );
  /** Waits for a call, and tells how the waiting ended so far. */
  function enter(connection: OutboundConnection): { entry?: Entry } {
    const seen: { entry?: Entry } = {};
    const wait = {
      partition: 0,
      offset: '0',
      until: new Date(Date.now() + 60_000),
      signal: AbortSignal.timeout(60_000),
    };
    void gates.enter(connection, wait).then((entry) => (seen.entry = entry));
    return seen;
  }
  const stateOf = (id: string) => gates.states().find(({ connection }) => connection === id);
  return { gates, enter, stateOf, breakers };
}

test('of a thousand connections one is changed and one removed: the others keep their places, counts and breakers', async () => {
  const { gates, enter, stateOf, breakers } = world();
  const connections = Array.from({ length: 1_000 }, (_, index) => testConnection({ id: `c-${index}`, limits }));
  const [first, second, ...others] = connections as [OutboundConnection, OutboundConnection, ...OutboundConnection[]];
  // Two under way and one waiting at each; the breakers of half of them are open.
  const broken = others.filter((_, index) => index % 2 === 0);
  for (const each of connections) for (let calls = 0; calls < 2; calls += 1) enter(each);
  await settle();
  for (const each of broken) gates.leave(each, 'key-refused');
  const waiting = connections.map((each) => enter(each));
  await settle();
  expect(waiting.filter(({ entry }) => entry !== undefined)).toEqual([]);
  const before = gates.states();
  breakers.length = 0;

  const changed = { ...first, limits: { ...limits, concurrency: 3 } };
  gates.adopt(mapOf([changed, ...others]));
  await settle();
  expect(waiting.slice(0, 2).map(({ entry }) => entry)).toEqual(['changed', 'changed']);
  expect(waiting.slice(2).filter(({ entry }) => entry !== undefined)).toEqual([]);
  expect(gates.states().slice(1)).toEqual(before.slice(2));
  expect(stateOf(second.id)).toBeUndefined();
  expect(breakers).toEqual([]);

  // The two under way count for the changed one, too: one more is let in, not three.
  const [third, fourth] = [enter(changed), enter(changed)];
  await settle();
  expect([third.entry, fourth.entry]).toEqual(['entered', undefined]);
});

test.each([
  ['another key', { flowApiKey: 'new-key' }, 'closed', ['acme open', 'acme closed']],
  ['another bot_url', { botUrl: 'https://bot.example/api/apichat/2' }, 'closed', ['acme open', 'acme closed']],
  ['other limits', { limits: { ...limits, burst: 1 } }, 'open', ['acme open']],
] as const)('with %s', async (_, change, state, said) => {
  const { gates, enter, stateOf, breakers } = world();
  const acme = testConnection({ limits });
  enter(acme);
  await settle();
  gates.leave(acme, 'key-refused');
  expect(stateOf('acme')?.state).toBe('open');
  gates.adopt(mapOf([{ ...acme, ...change }]));
  expect(stateOf('acme')?.state).toBe(state);
  expect(breakers).toEqual(said);
});

test.each([
  ['the bot_url that was replaced opens no breaker', { botUrl: 'https://bot.example/api/apichat/2' }, 'closed'],
  ['a connection whose limits changed does', { limits: { ...limits, burst: 999 } }, 'open'],
] as const)('calls under way that fail, of %s', async (_, change, state) => {
  const { gates, enter, stateOf } = world();
  const acme = testConnection({ limits: { ...limits, concurrency: 10 } });
  for (let calls = 0; calls < 10; calls += 1) enter(acme);
  await settle();
  const changed = { ...acme, ...change };
  gates.adopt(mapOf([changed]));
  for (let calls = 0; calls < 10; calls += 1) gates.leave(acme, 'failed');
  expect(stateOf('acme')?.state).toBe(state);
  const places = [enter(changed), enter(changed)];
  await settle();
  expect(places.map(({ entry }) => entry)).toEqual(
    state === 'closed' ? ['entered', 'entered'] : [undefined, undefined],
  );
});

test('a call that began before its connection was removed ends at its own gate, though there is another by now', async () => {
  const { gates, enter, stateOf, breakers } = world();
  const [before, again] = [testConnection({ limits }), testConnection({ limits })];
  enter(before);
  await settle();
  gates.adopt(new Map());
  const [one, two, three] = [enter(again), enter(again), enter(again)];
  gates.leave(before, 'key-refused');
  await settle();
  expect([one.entry, two.entry, three.entry]).toEqual(['entered', 'entered', undefined]);
  expect(stateOf('acme')).toMatchObject({ state: 'closed', waiting: 1 });
  expect(breakers).toEqual([]);
});
