import { setTimeout as pause } from 'node:timers/promises';
import { readTopic } from '@bridge/kafka';
import { defaultScheme, sign } from '@bridge/signature';
import { until } from '../world/until.ts';
import { brokenPromises, createAccount } from './account.ts';
import type { GoodWebhooks, HostileAccount, Memory } from './account.ts';
import { startGoodWebhooks } from './good-webhooks.ts';
import { drawAttack } from './hostile-kinds.ts';
import { bodyLimitBytes, startHostileWorld } from './hostile-world.ts';
import type { HostileWorld } from './hostile-world.ts';
import { watchMemory } from './memory-watch.ts';
import type { HostileOptions } from './options.ts';
import { performAttack } from './perform-attack.ts';

export type HostileRun = { account: HostileAccount; good: GoodWebhooks; memory: Memory; broken: string[] };

const sayEveryMs = 10_000;
/** A kept connection of ingress ends after 65 s. */
const connectionsEndMs = 90_000;

/** Hostile requests against one ingress, good webhooks all the while, and what came of both. */
export async function runHostile(options: HostileOptions, print: (line: string) => void): Promise<HostileRun> {
  const world = await startHostileWorld(print);
  const interrupted = () => void world.close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  let keepLogs = true;
  try {
    const filesBefore = await world.metric('process_open_fds');
    const account = createAccount();
    const webhooks = startGoodWebhooks(world.good);
    const memory = await attackAll(world, options, account, print);
    const left = world.ingress.isRunning() ? await connectionsLeft(world, filesBefore) : ['ingress ended'];
    const accepted = await webhooks.stop();
    const good = { answers: webhooks.answers, stored: await countStored(world, accepted) };
    const broken = [...left, ...brokenPromises({ good, memory, requests: options.requests }), ...account.broken];
    keepLogs = broken.length > 0;
    return { account, good, memory, broken };
  } finally {
    await world.close({ keepLogs });
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

/** So many at once, until there were as many as wanted, or ingress ended. */
async function attackAll(
  world: HostileWorld,
  { requests, seed, concurrency }: HostileOptions,
  account: HostileAccount,
  print: (line: string) => void,
): Promise<Memory> {
  const thirds = [1, 2, 3].map((third) => Math.round((requests * third) / 3));
  const watch = await watchMemory(() => world.metric('process_resident_memory_bytes'));
  let begun = 0;
  let done = 0;
  const say = setInterval(() => print(`${done} of ${requests} hostile requests`), sayEveryMs);

  async function attackOnAndOn(): Promise<void> {
    while (begun < requests && world.ingress.isRunning()) {
      await attack(world, { seed, number: begun++ }, account);
      done += 1;
      if (thirds.includes(done)) await watch.thirdOver();
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, attackOnAndOn));
  } finally {
    clearInterval(say);
    watch.stop();
  }
  return watch.memory;
}

async function attack(
  { port, hostile }: HostileWorld,
  { seed, number }: { seed: number; number: number },
  account: HostileAccount,
): Promise<void> {
  const { kind, random } = drawAttack(seed, number);
  const target = {
    random,
    path: new URL(hostile.webhookUrl).pathname,
    key: hostile.verificationKey,
    bodyLimitBytes,
    signed: (body: string | Buffer) =>
      sign({ body: Buffer.from(body), secret: hostile.verificationKey, scheme: defaultScheme }),
  };
  account.note(number, kind.name, await performAttack(port, kind.attack(target)));
}

/** A few more files than before are kept connections of the good webhooks. */
async function connectionsLeft({ metric }: HostileWorld, before: number): Promise<string[]> {
  const end = Date.now() + connectionsEndMs;
  for (;;) {
    const [open, held] = await Promise.all([metric('process_open_fds'), metric('bridge_webhook_held_bytes')]);
    // Only Linux tells how many files are open.
    if (!(open > before + 10) && held === 0) return [];
    if (Date.now() > end) return [`${open - before} connections and ${held} bytes of bodies are left`];
    await pause(500);
  }
}

async function countStored({ topics }: HostileWorld, accepted: Set<string>): Promise<number> {
  const missing = new Set(accepted);
  const { stop } = await readTopic({
    client: topics.client,
    topic: topics.names.inboundEvents,
    from: 'beginning',
    onRecord: ({ key, value }) => {
      if (key?.startsWith('good/')) missing.delete(JSON.parse(value ?? '').message.text);
    },
  });
  await until('the good webhooks to be in the topic', () => missing.size === 0).catch(() => undefined);
  await stop();
  return accepted.size - missing.size;
}
