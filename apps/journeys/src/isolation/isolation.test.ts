import type { ConsumedRecord } from '@bridge/kafka';
import { expect, it } from 'vitest';
import { dealConversations } from '../chaos/conversations.ts';
import type { ChaosConversation } from '../chaos/conversations.ts';
import type { ProducedCommand } from '../chaos/evidence.ts';
import type { Connection } from '../world/bridge-folder.ts';
import { journey } from '../world/journey.ts';
import { commandRecord, sendCommand } from '../world/send-commands.ts';
import { until } from '../world/until.ts';
import { accountForWorld } from './account-for-world.ts';
import { connectionIds } from './isolation-world.ts';

const world = journey({
  connections: Object.fromEntries(connectionIds.map((id) => [id, { workspace: { botAnswers: false } }])),
  apps: ['simulator', 'outbound'],
});
const [failing = '', hanging = ''] = connectionIds;
const isBad = ({ key }: Pick<ConsumedRecord, 'key'>) => [failing, hanging].includes(key?.split('/')[0] ?? '');

async function turnBad(id: string, fault: object): Promise<void> {
  await world.simulator.addFault(world.connection(id).workspace, { target: 'bot-url', times: null, ...fault });
}
const receivedBy = (id: string) =>
  world.simulator.journal({ kind: 'received', workspace: world.connection(id).workspace });

/** One command to each conversation, `rounds` times over. */
async function publish(conversations: ChaosConversation[], rounds: number[], produced: ProducedCommand[]) {
  const records = rounds.flatMap((round) =>
    conversations.map(({ connection, id: conversation, key }) => {
      const id = `${conversation}-${round}`;
      produced.push({ id, key, acked: true });
      const command = sendCommand({ connection: connection.id, conversation, message: id, id });
      return commandRecord(world.topics.names.sendCommands, command);
    }),
  );
  return world.topics.publish(records);
}

it('while one connection answers only 500 and one hangs, all others get theirs, and later those two, in order', async () => {
  const connections = connectionIds.map(world.connection) as [Connection, ...Connection[]];
  const conversations = dealConversations(connections, 200);
  const { sendCommands, sendResults } = world.topics.names;
  const produced: ProducedCommand[] = [];
  await turnBad(failing, { kind: 'status', status: 500 });
  await turnBad(hanging, { kind: 'hang' });

  await publish(conversations, [1, 2, 3], produced);
  await until('calls to both', async () => {
    const calls = await Promise.all([failing, hanging].map(receivedBy));
    return calls.every((each) => each.length >= 10);
  });
  await publish(conversations, [4, 5, 6], produced);
  const good = produced.filter((command) => !isBad(command)).length;
  const results = await world.topics.until(sendResults, `${good} results`, (all) => all.length >= good && [...all]);
  expect(results.filter(isBad)).toEqual([]);
  // They had to pass by the others: in every partition some of those lie before some of theirs.
  const commands = await world.topics.until(sendCommands, 'all', (all) => all.length >= produced.length && all);
  for (const [partition, ofOne] of Map.groupBy(commands, (command) => command.partition)) {
    const passed = ofOne.slice(ofOne.findIndex(isBad)).filter((command) => !isBad(command));
    expect({ partition, passed: passed.length > 0 && ofOne.some(isBad) }).toEqual({ partition, passed: true });
  }

  await Promise.all([failing, hanging].map((id) => world.simulator.clearFaults(world.connection(id).workspace)));
  await world.topics.until(sendResults, 'every result', (all) => all.length >= produced.length);
  const { violations, timings, deadLetters } = await accountForWorld(world, produced);
  expect({ violations, deadLetters, accounted: timings.length }).toEqual({
    violations: [],
    deadLetters: [],
    accounted: produced.length,
  });
});
