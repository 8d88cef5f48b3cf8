import { canRunByJava } from '@bridge/tools/local-kafka';
import { describe, expect, it } from 'vitest';
import { startGuardedKafka } from './world/guarded-kafka.ts';
import { journey } from './world/journey.ts';
import { runCli } from './world/run-cli.ts';
import { commandRecord, resultsOf, sendCommand } from './world/send-commands.ts';

describe.skipIf(!(await canRunByJava()))(
  'with TLS, a login, and the rights of k8s/components/strimzi/users.yaml',
  () => {
    let envOf: (user: string) => Record<string, string>;
    const world = journey({
      kafka: async (prefix) => {
        const kafka = await startGuardedKafka(prefix);
        envOf = kafka.envOf;
        return kafka;
      },
      connections: { acme: {} },
      routing: {
        channels: { sales: { topic: 'chat.sales.v1' } },
        routes: [{ name: 'known', when: { conversation: ['1', '2'] }, channel: 'sales' }],
      },
    });

    /** Sends a message of an end user, and gives its outcome. */
    async function converse(conversation: string, message: string): Promise<string> {
      const command = sendCommand({ connection: 'acme', conversation, message });
      const { sendCommands, sendResults } = world.topics.names;
      await world.topics.publish([commandRecord(sendCommands, command)]);
      return world.topics.until(sendResults, message, (records) => resultsOf(records, command.id)[0]?.outcome);
    }
    const answer = (topic: string, text: string) =>
      world.topics.until(topic, text, (records) => records.some(({ value }) => value?.includes(text)));
    const cli = (user: string, prefix: string, ...args: string[]) =>
      runCli(args, { ...envOf(user), TOPIC_PREFIX: prefix, BRIDGE_CONFIG: world.file('bridge.yaml') });

    it('a conversation goes both ways, and its failures become dead letters', async () => {
      expect(await converse('1', 'Oi')).toBe('sent');
      await answer(world.ownTopic('chat.sales.v1'), 'Você disse: Oi');

      const { workspace } = world.connection('acme');
      const fault = { target: 'bot-url', kind: 'status', status: 400, body: { message: 'Blocked.' }, times: 1 };
      await world.simulator.addFault(workspace, fault);
      expect(await converse('2', 'recusado')).toBe('rejected');
      await answer(world.topics.names.deadLetters, 'recusado');
      // No route takes the bot's answer.
      expect(await converse('3', 'sem rota')).toBe('sent');
      await answer(world.topics.names.deadLetters, 'Você disse: sem rota');
    });

    it.each(['router', 'outbound', 'ingress'] as const)('%s goes on where it was after a restart', async (name) => {
      expect(await world.app(name).terminate()).toMatchObject({ code: 0 });
      await world.start(name);
      expect(await converse('1', `depois de ${name}`)).toBe('sent');
      await answer(world.ownTopic('chat.sales.v1'), `Você disse: depois de ${name}`);
    });

    it('the topics are created', async () => {
      const other = `${world.prefix}.other`;
      const created = await cli('topics', other, 'topics', 'create', '--replication', '1', '--min-insync', '1');
      expect(created.code).toBe(0);
      expect(created.stdout).toContain(`${other}.dead-letters.v1`);
    });

    it('the operator looks at dead letters, replays them, and sends a command', async () => {
      const { prefix } = world;
      const list = await cli('operator', prefix, 'dead-letters', 'list');
      expect(list).toMatchObject({ code: 0, stdout: expect.stringContaining('rejected') });
      const replay = await cli('operator', prefix, 'dead-letters', 'replay', '--reason', 'rejected');
      expect(replay).toMatchObject({ code: 0, stderr: '' });
      const user = ['--connection', 'acme', '--conversation', '1', '--contact-id', 'cliente-77'];
      const sent = await cli('operator', prefix, 'send', ...user, '--text', 'Oi de novo', '--wait');
      expect(sent).toMatchObject({ code: 0, stdout: expect.stringContaining(' sent after 1 attempt') });
    });

    it('nobody may more: ingress, for one, reads no dead letter', async () => {
      expect((await cli('ingress', world.prefix, 'dead-letters', 'list')).code).not.toBe(0);
    });
  },
);
