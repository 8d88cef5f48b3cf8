import { pause, readTopic } from '@bridge/kafka';
import { expect, test, vi } from 'vitest';
import { command, outboundWorld, produce, until, upTo } from './testing/outbound-world.ts';

vi.setConfig({ testTimeout: 112_000 });
const startWorld = outboundWorld();

test('a bot that hangs fills no more than the window, gives way in it, and those behind it in the partition are served', async () => {
  const hangs = new Promise<number>(() => {});
  const world = await startWorld(({ content }) => (Number(content) < 12_000 ? hangs : 200), { attemptTimeoutMs: 500 });
  const { client, topics, results } = world;
  const bad = upTo(12_000).map((id) => command(id, { connection: 'bad', conversation: String(id % 2_000) }));
  await produce(client, topics.sendCommands, bad, 0);
  const good = upTo(50).map((index) => command(12_000 + index));
  await produce(client, topics.sendCommands, good, 0);
  let letters = 0;
  const deadLetters = await readTopic({
    client,
    topic: topics.deadLetters,
    from: 'beginning',
    onRecord: ({ headers }) => (letters += headers['x-dead-letter-reason'] === 'connection-unavailable' ? 1 : 0),
  });

  const outbound = world.outbound();
  await outbound.start();
  let most = 0;
  const watching = setInterval(() => (most = Math.max(most, outbound.unfinished().get(0)?.records ?? 0)), 5);
  const withOutcome = (outcome: string) => results.filter((result) => result.outcome === outcome);
  await until(() => withOutcome('sent').length === 50, 120_000);
  clearInterval(watching);
  await outbound.stop();
  await pause(500);
  await until(() => letters >= withOutcome('failed').length);
  await deadLetters.stop();
  await world.stop();

  expect(most).toBeLessThanOrEqual(5_000);
  expect(most).toBeGreaterThan(2_500);
  expect(withOutcome('sent').map(({ connection }) => connection)).toEqual(Array(50).fill('acme'));
  // What is left of the others waits in the window, for which there is room again.
  const failed = withOutcome('failed');
  expect(failed.length).toBeGreaterThan(7_000);
  expect(new Set(failed.map(({ connection, reason }) => `${connection}: ${reason?.split(':')[0]}`))).toEqual(
    new Set(['bad: connection-unavailable']),
  );
  expect(letters).toBe(failed.length);
  expect(new Set(failed.map(({ commandId }) => commandId)).size).toBe(failed.length);
});
