import { createEgressAgent, request } from '@bridge/egress';
import { buildBotRequest, sendCommandSchema } from '@bridge/schemas';
import { commandRecord } from '../world/command-backlog.ts';
import { peerEnvironment } from './environment.ts';

// No Kafka at all: each conversation posts its next message when the last one is answered. Nothing that keeps order can
// be quicker.
const { BOT_BASE_URL, CONVERSATIONS } = peerEnvironment.parse(process.env);
const connection = 'company-1';
const dispatcher = createEgressAgent({ allow: ['127.0.0.1/32'], keepAliveTimeout: 30_000, pipelining: 1 });
const load = { connections: [connection], conversations: CONVERSATIONS, sizeBytes: 1_024 };
const headers = { 'content-type': 'application/json' };

async function talk(number: number): Promise<void> {
  for (let sequence = 0; ; sequence += 1) {
    const { value } = commandRecord('', load, sequence * CONVERSATIONS + number);
    const command = sendCommandSchema.parse(JSON.parse(String(value)));
    const built = buildBotRequest(command, { conversationId: 'number', mediaShape: 'chatwoot-attachments' });
    const body = built.kind === 'built' ? JSON.stringify(built.body) : '';
    const { body: answer } = await request(`${BOT_BASE_URL}/${connection}`, {
      dispatcher,
      method: 'POST',
      headers,
      body,
    });
    await answer.dump();
  }
}

process.once('SIGTERM', () => process.exit(0));
await Promise.all(Array.from({ length: CONVERSATIONS }, (_, number) => talk(number)));
