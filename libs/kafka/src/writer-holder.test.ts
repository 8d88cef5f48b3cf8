import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { BrokerConnection } from './broker-connection.ts';
import type { KafkaClient } from './connect-kafka.ts';
import { contentOf, kafkaWorld } from './testing/world.ts';
import { createWriterHolder } from './writer-holder.ts';

const world = kafkaWorld();
vi.setConfig({ testTimeout: 60_000 });
const nobody = { memberId: '', generationId: -1 };

/** A client that notes for which transactional ids a producer id is asked, and whose commits get lost when it is told so. */
function watched() {
  const asked: string[] = [];
  let losing = false;
  const connectBroker: KafkaClient['connectBroker'] = async (...where) => {
    const connection = await world.client.connectBroker(...where);
    const ask: BrokerConnection['ask'] = async (api, payload) => {
      if (api === 'InitProducerId') asked.push((payload as { transactionalId: string }).transactionalId);
      if (api === 'EndTxn' && losing) throw new Error('lost');
      return connection.ask(api, payload);
    };
    return { ...connection, ask };
  };
  return { client: { ...world.client, connectBroker }, asked, lose: (on: boolean) => void (losing = on) };
}

test('after a failure the transaction is ended under its own id, and the next one has another', async () => {
  const [topic, output, groupId] = [await world.topic(), await world.topic({ partitions: 1 }), `g-${randomUUID()}`];
  const { client, asked, lose } = watched();
  const holder = createWriterHolder({ client, name: 'w', groupId, topic });
  const write = (value: string, next: bigint) =>
    holder.write([{ topic: output, key: 'a', value, headers: {} }], new Map([[0, next]]), nobody);
  await write('first', 1n);
  await holder.settle();
  // More than once, while the broker's coordinator is still loading.
  expect(new Set(asked.splice(0))).toEqual(new Set(['w-0']));
  lose(true);
  await expect(write('lost', 2n)).rejects.toThrow('lost');
  lose(false);
  holder.renew();
  await holder.settle();
  expect([...new Set(asked)]).toEqual(['w-0', 'w-1']);
  expect(await (await holder.current()).firstOpen(0)).toBe(1n);
  await write('second', 2n);
  await holder.close();
  expect((await contentOf(world.client, output, 2)).map(({ value }) => value)).toEqual(['first', 'second']);
});
