import { setTimeout as sleep } from 'node:timers/promises';
import type { Env } from './app-process.ts';
import { bridge, tail } from './bridge-command.ts';
import { describeChannelMessage, type ChannelMessage } from './describe-message.ts';
import { ToolError } from './tool-error.ts';

type Turn = { says: string; args: string[]; answers: number };
type ChannelRecord = { topic: string; partition: number; offset: number; key: string; value: ChannelMessage };
type Received = { url: string; body: string; status: number };

const conversation = '501';
const user = ['--connection', 'demo', '--conversation', conversation, '--contact-id', 'cliente-77'];
const turns: Turn[] = [
  { says: 'writes “Oi, qual o prazo de entrega?”', args: ['--text', 'Oi, qual o prazo de entrega?'], answers: 1 },
  { says: 'writes “/all”, to which the bot answers in all seven kinds', args: ['--text', '/all'], answers: 7 },
  {
    says: 'presses the button “Falar com vendas”',
    args: ['--button-title', 'Falar com vendas', '--button-payload', 'IR_VENDAS'],
    answers: 2,
  },
];
const patienceMs = 30_000;

/** Lets an end user and the simulator's bot talk through the bridge, and shows every step on the way. */
export async function runConversation({ env, simulator }: { env: Env; simulator: string }): Promise<void> {
  const arrived: ChannelRecord[] = [];
  const onRecord = (record: unknown) => {
    const it = record as ChannelRecord;
    if (it.value.connection === 'demo' && it.value.conversation?.id === conversation) arrived.push(it);
  };
  const channelTopic = await tail('channel-messages', { env, onRecord });
  try {
    for (const turn of turns) await playTurn(turn, { env, simulator, arrived });
  } finally {
    await channelTopic.stop();
  }
}

async function playTurn(
  { says, args, answers }: Turn,
  { env, simulator, arrived }: { env: Env; simulator: string; arrived: ChannelRecord[] },
): Promise<void> {
  console.log(`\nAna ${says}`);
  const journal = `${simulator}/control/journal?kind=received&conversation=${conversation}`;
  const { next } = await readJournal(journal);
  const stored = await bridge(['send', ...user, '--contact-name', 'Ana Souza', ...args], env);
  console.log(`  → Kafka     ${stored.trim()}`);

  const [received] = await until('the message at bot_url', async () => {
    const { entries } = await readJournal(`${journal}&since=${next}`);
    return entries.length > 0 ? entries : undefined;
  });
  console.log(`  → bot_url   POST ${received?.url}: ${received?.status}\n              ${received?.body}`);

  for (let count = 0; count < answers; count += 1) {
    const { topic, value } = await until('an answer in the channel topic', async () => arrived.shift());
    if (count === 0) console.log(`  ← Kafka     ${topic}, signed webhooks that ingress verified and router routed`);
    console.log(`              ${describeChannelMessage(value)}`);
  }
}

async function readJournal(url: string): Promise<{ entries: Received[]; next: number }> {
  return (await (await fetch(url)).json()) as { entries: Received[]; next: number };
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new ToolError(`Waited 30 s for ${what} in vain: see the logs in .local/log`);
    await sleep(50);
  }
}
