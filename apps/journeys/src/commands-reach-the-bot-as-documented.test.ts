import { partitionOf } from '@bridge/kafka';
import type { OutgoingMessage } from '@bridge/schemas';
import { expect, it } from 'vitest';
import { journey } from './world/journey.ts';
import { person } from './world/private-values.ts';
import { commandRecord, newTraceparent, resultOf, resultsOf, sendCommand } from './world/send-commands.ts';

const world = journey({
  apps: ['simulator', 'outbound'],
  connections: {
    acme: { workspace: { botAnswers: false } },
    loja: { bridge: { conversationId: 'string' }, workspace: { botAnswers: false } },
  },
});

const { name, email, phone } = person;
const sender = `"sender":{"id":"cliente-77","name":"${name}","email":"${email}","phone_number":"${phone}","type":"contact"}`;

/** Text and button are NicoChat's own samples with other values; the other four are what the one serializer makes. */
const bodies: [name: string, message: OutgoingMessage, body: string][] = [
  [
    'a text',
    { kind: 'text', text: 'Olá! "Preço" em R$/kg?\nObrigada 🚀' },
    `{"content":"Olá! \\"Preço\\" em R$/kg?\\nObrigada 🚀","message_type":"incoming",${sender},` +
      `"conversation_id":501,"event":"message_created"}`,
  ],
  [
    'a pressed button',
    { kind: 'button', title: 'Falar com vendas', payload: ' IR_VENDAS/á ' },
    `{"content":"Falar com vendas","message_type":"incoming",${sender},"conversation_id":501,` +
      `"event":"message_postback","submitted_values":[{"title":"Falar com vendas","payload":" IR_VENDAS/á "}]}`,
  ],
  [
    'an image',
    { kind: 'image', url: 'https://midia.exemplo.com.br/foto.png', name: 'foto.png', caption: 'A caixa' },
    `{"content":"A caixa","message_type":"incoming",${sender},"conversation_id":501,"event":"message_created",` +
      `"attachments":[{"file_type":"image","data_url":"https://midia.exemplo.com.br/foto.png"}]}`,
  ],
  [
    'an audio',
    { kind: 'audio', url: 'https://midia.exemplo.com.br/recado.mp3' },
    `{"content":"","message_type":"incoming",${sender},"conversation_id":501,"event":"message_created",` +
      `"attachments":[{"file_type":"audio","data_url":"https://midia.exemplo.com.br/recado.mp3"}]}`,
  ],
  [
    'a video',
    { kind: 'video', url: 'https://midia.exemplo.com.br/tour.mp4' },
    `{"content":"","message_type":"incoming",${sender},"conversation_id":501,"event":"message_created",` +
      `"attachments":[{"file_type":"video","data_url":"https://midia.exemplo.com.br/tour.mp4"}]}`,
  ],
  [
    'a file',
    { kind: 'file', url: 'https://midia.exemplo.com.br/contrato.pdf', name: 'contrato.pdf' },
    `{"content":"","message_type":"incoming",${sender},"conversation_id":501,"event":"message_created",` +
      `"attachments":[{"file_type":"file","data_url":"https://midia.exemplo.com.br/contrato.pdf",` +
      `"fallback_title":"contrato.pdf"}]}`,
  ],
];

it.each(bodies)('%s arrives byte for byte, with the key, and has one result', async (_name, message, body) => {
  const { sendCommands, sendResults } = world.topics.names;
  const { workspace, flowApiKey } = world.connection('acme');
  const before = await world.simulator.journal({ kind: 'received', workspace });
  const command = sendCommand({ connection: 'acme', conversation: '501', message });
  const traceparent = newTraceparent();
  const [ack] = await world.topics.publish([commandRecord(sendCommands, command, traceparent)]);

  const record = await world.topics.until(sendResults, `the result of ${command.id}`, (records) =>
    records.find((each) => resultOf(each).commandId === command.id),
  );
  const received = (await world.simulator.journal({ kind: 'received', workspace })).slice(before.length);
  expect(received.map((each) => each.body)).toEqual([body]);
  expect(received[0]).toMatchObject({ method: 'POST', status: 200, outcome: 'accepted', conversation: '501' });
  expect(received[0]?.headers).toMatchObject({
    authorization: `Bearer ${flowApiKey}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  });
  expect(resultOf(record)).toEqual({
    commandId: command.id,
    connection: 'acme',
    conversation: { id: '501' },
    outcome: 'sent',
    attempts: 1,
    status: 200,
    at: expect.any(String),
  });
  expect(record).toMatchObject({ key: 'acme/501', partition: ack?.partition });
  expect(record.headers).toMatchObject({
    ce_specversion: '1.0',
    ce_type: 'nicochat.send-result.v1',
    'content-type': 'application/json',
    traceparent,
    'x-command-offset': ack?.offset,
    'x-command-replays': '0',
  });
});

it('a result lies in the partition of its command, whatever the key would have chosen', async () => {
  const { sendCommands, sendResults } = world.topics.names;
  const command = sendCommand({ connection: 'acme', conversation: '502', message: 'oi' });
  const partition = (partitionOf('acme/502', 4) + 1) % 4;
  await world.topics.publish([{ ...commandRecord(sendCommands, command), partition }]);

  const record = await world.topics.until(sendResults, 'the result', (records) =>
    records.find((each) => resultOf(each).commandId === command.id),
  );
  expect(record).toMatchObject({ key: 'acme/502', partition });
});

it('a connection that says so has conversation ids of any text', async () => {
  const { sendCommands, sendResults } = world.topics.names;
  const command = sendCommand({ connection: 'loja', conversation: 'sala 7/b', message: 'oi' });
  await world.topics.publish([commandRecord(sendCommands, command)]);

  await world.topics.until(sendResults, 'the result', (records) =>
    resultsOf(records, command.id).find(({ outcome }) => outcome === 'sent'),
  );
  const received = await world.simulator.journal({ kind: 'received', conversation: 'sala 7/b' });
  expect(received.map(({ body }) => JSON.parse(body).conversation_id)).toEqual(['sala 7/b']);
});

it('no command has more than one result', async () => {
  const ids = (await world.topics.recordsOf(world.topics.names.sendResults)).map((each) => resultOf(each).commandId);
  expect(ids).toHaveLength(bodies.length + 2);
  expect(new Set(ids).size).toBe(ids.length);
});
