import { randomUUID } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { createGroupConsumer } from './consumer.ts';
import { pause } from './pause.ts';
import { kafkaWorld } from './testing/world.ts';

const world = kafkaWorld();
const soon = () => new Date(Date.now() + 10_000);
afterEach(() => vi.restoreAllMocks());

test('a consumer is alive while it fetches, also with nothing to read, and not after three silent minutes', async () => {
  const topic = await world.topic();
  const group = createGroupConsumer({
    client: world.client,
    groupId: `g-${randomUUID()}`,
    topics: [topic],
    eachBatch: async () => {},
    onAssigned: () => {},
    onFatal: () => {},
  });
  await group.start();
  for (const end = Date.now() + 20_000; group.ready() !== true && Date.now() < end;) await pause(20);
  expect([group.ready(), group.alive()]).toEqual([true, true]);
  const now = performance.now();
  const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 170_000);
  expect(group.alive()).toBe(true);
  // It goes on fetching while the clock stands at its new place.
  await pause(1_200);
  clock.mockReturnValue(now + 340_000);
  expect(group.alive()).toBe(true);
  await group.leave({ deadline: soon() });
  clock.mockReturnValue(now + 900_000);
  expect(group.alive()).toMatch(/has done nothing for \d+ s/);
});
