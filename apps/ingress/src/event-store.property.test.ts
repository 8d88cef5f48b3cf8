import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaClient } from '@bridge/kafka';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { fakeBroker } from './testing/fake-broker.ts';
import { memoryDatabase } from './testing/memory-database.ts';
import { eventRecord, idOf } from './testing/spooled-records.ts';
import { startSpooledStore } from './testing/spooled-ingress.ts';

type Broker = ReturnType<typeof fakeBroker>;

/** A process that can be killed: from then on nothing it does has an effect; what the broker took before, it may store. */
async function startKillable(broker: Broker, file: ReturnType<typeof memoryDatabase>) {
  let isAlive = true;
  function whileAlive<A extends unknown[], R>(work: (...given: A) => R) {
    return (...given: A): R => {
      if (!isAlive) throw new Error('killed');
      return work(...given);
    };
  }
  const client = broker.client();
  const connectBroker: KafkaClient['connectBroker'] = async (...given) => {
    const connection = await client.connectBroker(...given);
    return { ...connection, produce: whileAlive(connection.produce) };
  };
  const { insert, oldest, removeUpTo, setAside } = file;
  const database = {
    ...file,
    insert: whileAlive(insert),
    oldest: whileAlive(oldest),
    removeUpTo: whileAlive(removeUpTo),
    setAside: whileAlive(setAside),
  };
  const process = await startSpooledStore({ client: { ...client, connectBroker }, database });
  return { ...process, kill: () => void (isAlive = false), isAlive: () => isAlive };
}

type Killable = Awaited<ReturnType<typeof startKillable>>;

const arrival = fc.record({ conversation: fc.nat(2), gapMs: fc.nat(6) });
const behaviour = fc.record({ ms: fc.nat(25), end: fc.constantFrom('acknowledged', 'answer-lost', 'refused', 'late') });
const story = fc.record({
  arrivals: fc.array(arrival, { minLength: 5, maxLength: 40 }),
  behaviours: fc.array(behaviour, { maxLength: 6 }),
  killedAt: fc.array(fc.nat(40), { maxLength: 2 }),
});

type Story = typeof story extends fc.Arbitrary<infer S> ? S : never;

/** The events that were accepted, in the order of their coming, and what the broker has in the end. */
async function play({ arrivals, behaviours, killedAt }: Story) {
  const broker = fakeBroker();
  const file = memoryDatabase();
  // Nothing is stored in an unsaid way for ever: after its bad behaviours the broker does as it should.
  broker.next = () => behaviours.shift() ?? {};
  const processes = [await startKillable(broker, file)];
  const accepted: { index: number; conversation: string; id: string }[] = [];
  let calls: Promise<unknown>[] = [];
  for (const [index, { conversation, gapMs }] of arrivals.entries()) {
    if (killedAt.includes(index)) {
      processes.at(-1)?.kill();
      processes.push(await startKillable(broker, file));
      calls = [];
    }
    const one = { index, conversation: String(conversation), id: String(index) };
    const { isAlive, store } = processes.at(-1) as Killable;
    const call = store([eventRecord(one.id, one)], { deadline: new Date(Date.now() + 10) });
    calls.push(call.then(() => isAlive() && accepted.push(one)).catch(() => undefined));
    if (gapMs > 0) await pause(gapMs);
  }
  await Promise.all(calls);
  await vi.waitUntil(() => processes.at(-1)?.spool.isEmpty(), { timeout: 10_000, interval: 2 });
  const stored = [...new Set(broker.stored.map(idOf))];
  for (const { stop } of processes) await stop(new Date());
  return { accepted: accepted.toSorted((a, b) => a.index - b.index), stored };
}

async function check(given: Story): Promise<void> {
  const { accepted, stored } = await play(structuredClone(given));
  const firstPlace = new Map(stored.map((id, place) => [id, place]));
  for (const conversation of ['0', '1', '2']) {
    const ofIt = accepted.filter((one) => one.conversation === conversation);
    const places = ofIt.map(({ id }) => firstPlace.get(id) ?? -1);
    expect(places, JSON.stringify(given)).not.toContain(-1);
    expect(places, JSON.stringify(given)).toEqual(places.toSorted((a, b) => a - b));
  }
}

test('whatever the broker does, and whenever the process is killed: what was accepted is stored, in order per conversation', async () => {
  // Side by side: most of a story is waiting. Not made smaller: a story depends on the time as well.
  const stories = fc.array(story, { minLength: 30, maxLength: 30 });
  const property = fc.asyncProperty(stories, async (given) => void (await Promise.all(given.map(check))));
  await fc.assert(property, { numRuns: 4, endOnFailure: true });
}, 60_000);
