import { expect, it, onTestFinished } from 'vitest';
import { journey } from './world/journey.ts';
import { until } from './world/until.ts';

const world = journey({ apps: [], connections: { acme: {} } });

/** A program of somebody else that took the group for its own, and divides partitions in another way. */
async function takeGroup(groupId: string, topic: string): Promise<void> {
  const stranger = world.topics.client.open().consumer({ groupId });
  onTestFinished(() => stranger.disconnect());
  let joined = false;
  stranger.on(stranger.events.GROUP_JOIN, () => (joined = true));
  await stranger.connect();
  await stranger.subscribe({ topics: [topic] });
  await stranger.run({ eachMessage: async () => {} });
  await until('the stranger to join', () => joined);
}

it.each([
  ['router', 'inboundEvents'],
  ['outbound', 'sendCommands'],
] as const)('%s, whose consumer is lost for good, stops in order, says why, and ends with 70', async (app, kind) => {
  const groupId = `${world.prefix}.${app}`;
  await takeGroup(groupId, world.topics.names[kind]);
  const { code, signal, output } = await world.runToItsEnd(app, {});
  expect({ code, signal, output }).toMatchObject({ code: 70, signal: null });
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; msg: string });
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 'fatal', msg: expect.stringContaining(`in group ${groupId} is lost: `) }),
  );
  expect(lines.at(-1)).toMatchObject({ msg: 'stopped', exitCode: 70 });
});
