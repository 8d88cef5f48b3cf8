import { describe, expect, it } from 'vitest';
import { runBridge } from './program.ts';

async function run(...args: string[]) {
  const written = { out: '', err: '' };
  const exitCode = await runBridge(args, {
    env: { KAFKA_STARTUP_TIMEOUT_MS: '1', BRIDGE_CONFIG: '/nowhere/bridge.yaml' },
    print: (line) => (written.out += `${line}\n`),
    note: (line) => (written.err += `${line}\n`),
    readInput: async () => Buffer.from('{'),
    interruption: () => new AbortController().signal,
  });
  return { exitCode, ...written };
}

const commands = [
  [],
  ['webhook'],
  ['webhook', 'get'],
  ['webhook', 'set'],
  ['webhook', 'delete'],
  ['config'],
  ['config', 'check'],
  ['config', 'show'],
  ['config', 'schema'],
  ['topics'],
  ['topics', 'create'],
  ['topics', 'check'],
  ['send'],
  ['tail'],
  ['sign'],
  ['captures'],
  ['captures', 'list'],
  ['captures', 'show'],
  ['captures', 'save'],
  ['captures', 'delete'],
  ['verify-sample'],
  ['fixture'],
];

describe('help', () => {
  it.each(commands.map((command) => [command.join(' ') || 'of the command itself', command] as const))(
    '%s says how it is used, with an example',
    async (_name, command) => {
      const { exitCode, out, err } = await run(...command, '--help');
      expect(out).toContain(['Usage: npm run bridge --', ...command].join(' '));
      expect(out).toContain('Example:\n  npm run');
      expect(out).toContain('--brokers');
      expect([exitCode, err]).toEqual([0, '']);
    },
  );
});

describe('wrong usage ends with 2, prints nothing, and says what is wrong:', () => {
  const whose = ['--connection', 'acme', '--conversation', '501', '--contact-id', 'c'];
  it.each([
    ['no command', [], 'Usage:'],
    ['an unknown command', ['topic'], "unknown command 'topic'\n(Did you mean topics?)"],
    ['an unknown subcommand', ['topics', 'creat'], 'Did you mean create?'],
    ['an unknown option', ['topics', 'check', '--broker', 'x'], "unknown option '--broker'"],
    ['an argument too many', ['topics', 'check', 'x'], 'too many arguments'],
    ['an argument too few', ['tail'], "missing required argument 'topic'"],
    ['a number that is none', ['tail', 'send-results', '--max', 'two'], 'a whole number from 1 up'],
    ['a command without a message', ['send', ...whose], 'nothing to send'],
    ['a command that is not JSON', ['send', '--json', '-'], 'the command is not JSON'],
    [
      'JSON and options together',
      ['send', '--json', '-', ...whose],
      'leave out --connection, --conversation, --contact-id',
    ],
    ['a JSON file that is not there', ['send', '--json', '/nowhere/c.json'], '/nowhere/c.json could not be read'],
    ['a signature without a key', ['sign', '--body-file', '-'], 'no key to sign with'],
    ['a capture that is not there', ['verify-sample', '/nowhere/c.json'], '/nowhere/c.json could not be read'],
    ['two keys', ['sign', '--body-file', '-', '--key-env', 'A', '--key-file', 'b'], 'give one of'],
    ['a key variable that is not set', ['sign', '--body-file', '-', '--key-env', 'NO_KEY'], 'variable NO_KEY is empty'],
    [
      'a key file that is not there',
      ['sign', '--body-file', '-', '--key-file', '/nowhere/k'],
      'the key could not be read',
    ],
  ])('%s', async (_case, args, fault) => {
    const { exitCode, out, err } = await run(...args);
    expect(err).toContain(fault);
    expect([exitCode, out]).toEqual([2, '']);
  });
});

describe('bad configuration ends with 78:', () => {
  it.each([
    ['a bridge.yaml that is not there', ['config', 'check'], '/nowhere/bridge.yaml: does not exist'],
    ['one named by option', ['config', 'check', '--config', '/nowhere/b.yaml'], '/nowhere/b.yaml: does not exist'],
    ['brokers that are none', ['tail', 'send-results', '--brokers', 'kafka'], 'KAFKA_BROKERS: must be'],
    ['a prefix that is none', ['tail', 'send-results', '--prefix', 'a b'], 'TOPIC_PREFIX: may hold only'],
  ])('%s', async (_case, args, fault) => {
    const { exitCode, out, err } = await run(...args);
    expect(err).toContain(fault);
    expect([exitCode, out]).toEqual([78, '']);
  });
});

it('a broker that does not answer ends with 69, and where is said', async () => {
  const { exitCode, err } = await run('tail', 'send-results', '--brokers', '127.0.0.1:1');
  expect(err).toContain('no Kafka broker answered at 127.0.0.1:1');
  expect(exitCode).toBe(69);
});
