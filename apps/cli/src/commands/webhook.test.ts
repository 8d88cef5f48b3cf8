import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runBridgeHere, temporaryFile } from '../bridge-command.fixture.ts';
import { startFakeIngress } from '../fake-ingress.fixture.ts';
import type { FakeIngress } from '../fake-ingress.fixture.ts';

const env = { CHAVE_API: 'chave-de-exemplo', ACME_KEY: 'verification-key-1', ACME_OLD_KEY: 'verification-key-0' };
const botUrl = 'https://bot.example/api/apichat/9f3c0a';
const registered = {
  status: 'ok',
  data: {
    webhook_verification_key: env.ACME_KEY,
    webhook_status: 'verified',
    bot_url: botUrl,
  },
};

let server: Server;
let ingress: FakeIngress;
let baseUrl = '';
let config: string[] = [];
let requests: { method?: string; url?: string; headers: IncomingHttpHeaders; body: string }[] = [];
type Answer = { status: number; body: string; headers?: Record<string, string> };
let answer: Answer;
/** Answers that come before that one. */
let answersBefore: Answer[] = [];
const answerJson = (status: number, body: unknown) => (answer = { status, body: JSON.stringify(body) });

beforeAll(async () => {
  server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    void text(request).then((body) => {
      requests.push({ method, url, headers, body });
      const given = answersBefore.shift() ?? answer;
      response.writeHead(given.status, given.headers).end(given.body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  ingress = await startFakeIngress();
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/apichat.php`;
  config = ['--config', temporaryFile('webhook.yaml', configWith(baseUrl))];
});
afterAll(() => {
  server.close();
  ingress.stop();
});
beforeEach(() => {
  requests = [];
  answersBefore = [];
  ingress.reset();
  answerJson(200, { ...registered, data: { ...registered.data, webhook_url: ingress.webhookUrl } });
});

const configWith = (base: string) => `
nicochat: { baseUrl: "${base}?partner=7", publicUrl: "${ingress.url}/", chaveApi: { env: CHAVE_API } }
connections:
  acme:
    workspace: 4821
    email: dono@exemplo.com.br
    verificationKeys: [{ env: ACME_KEY }, { env: ACME_OLD_KEY }]
  no-email:
    workspace: 1
    verificationKeys: [{ env: ACME_KEY }]
egress: { allow: [127.0.0.1] }
`;
const bridge = async (...args: string[]) => {
  const ended = await runBridgeHere([...args, ...config], { env });
  for (const secret of Object.values(env)) expect(ended.stdout + ended.stderr).not.toContain(secret);
  return ended;
};

const account = { workspace: 4821, email: 'dono@exemplo.com.br', ChaveApi: 'chave-de-exemplo' };

describe('a request to NicoChat', () => {
  it.each([
    ['get', 'get-webhook', () => account],
    [
      'set',
      'set-webhook',
      () => ({ ...account, webhook_url: ingress.webhookUrl, webhook_verification_key: 'verification-key-1' }),
    ],
    ['delete', 'delete-webhook', () => account],
  ])('%s has the documented body, and the key as the Bearer too', async (action, inUrl, body) => {
    expect(await bridge('webhook', action, 'acme')).toMatchObject({ exitCode: 0 });
    const [request, second] = requests;
    expect(request).toMatchObject({ method: 'POST', url: `/apichat.php?partner=7&action=${inUrl}` });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer chave-de-exemplo',
      'content-type': 'application/json',
    });
    expect(request?.body).toBe(JSON.stringify(body()));
    expect(second).toBeUndefined();
  });
});

describe('a yes', () => {
  it.each(['get', 'set'])('to %s is shown without its secrets', async (action) => {
    const { stdout } = await bridge('webhook', action, 'acme');
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      `webhook_url     ${ingress.webhookUrl}`,
      'webhook_status  verified',
    ]);
    expect(stdout).not.toContain('9f3c0a');
  });

  it('is shown with bot_url for who asks', async () => {
    expect((await bridge('webhook', 'get', 'acme', '--show-bot-url')).stdout).toContain(botUrl);
  });

  it('can leave bot_url in a file that only its owner reads, and again, into a folder that is not there yet', async () => {
    const file = `${config[1]}.secrets/acme/bot-url`;
    const store = ['webhook', 'set', 'acme', '--store-bot-url', `file:${file}`];
    const { stdout, stderr } = await bridge(...store);
    expect(readFileSync(file, 'utf8')).toBe(`${botUrl}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stdout + stderr).not.toContain('9f3c0a');
    expect(stderr).toContain(`Wrote bot_url into ${file}.`);
    expect((await bridge(...store)).stderr).toContain('has this bot_url already');
    expect(readdirSync(dirname(file))).toEqual(['bot-url']);
  });

  it('can be the manifest of a Secret, which alone is printed', async () => {
    const { exitCode, stdout, stderr } = await bridge('webhook', 'set', 'acme', '--as', 'secret/flow-keys');
    expect(stdout).toBe(
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: "flow-keys"\ndata:\n  acme-bot-url: ${Buffer.from(botUrl).toString('base64')}\n`,
    );
    expect(stderr).toMatch(/webhook_status {2}verified/);
    expect(stderr).toContain('--server-side --field-manager=acme-bot-url -f -');
    expect(stderr).not.toContain('9f3c0a');
    expect(exitCode).toBe(0);
  });

  it.each([
    ['--store-bot-url', 'secrets/bot-url', 'It must be file:<path>'],
    ['--as', 'flow-keys', 'It must be secret/<name>'],
    ['--as', 'secret/a b', 'It must be secret/<name>'],
    ['--generate-key', 'secrets/key', 'It must be file:<path>'],
  ])('is not asked for with %s %s', async (option, place, fault) => {
    const { exitCode, stderr } = await bridge('webhook', 'set', 'acme', option, place);
    expect(stderr).toContain(fault);
    expect(exitCode).toBe(2);
    expect([requests, ingress.requests]).toEqual([[], []]);
  });

  it('says when bot_url could not be written', async () => {
    const { exitCode, stderr } = await bridge('webhook', 'set', 'acme', '--store-bot-url', 'file:/dev/null/bot-url');
    expect(stderr).toContain('/dev/null/bot-url could not be written');
    expect(exitCode).toBe(1);
  });

  it('is a warning when the webhook is not verified', async () => {
    answerJson(200, { status: 'ok', data: { webhook_status: 'pending', bot_url: botUrl } });
    const { exitCode, stderr } = await bridge('webhook', 'set', 'acme');
    expect(stderr).toContain('Warning: NicoChat does not call the webhook verified (webhook_status "pending")');
    expect(exitCode).toBe(0);
  });

  it('to delete may have no data', async () => {
    answerJson(200, { status: 'ok' });
    expect((await bridge('webhook', 'delete', 'acme')).stdout).toBe('deleted the webhook of acme\n');
  });

  it.each([
    ['by its status', 404, ''],
    ['by its words', 400, '{"message":"Webhook not found."}'],
  ])('to delete is also that there is none, %s', async (_case, status, body) => {
    answer = { status, body };
    const { exitCode, stdout } = await bridge('webhook', 'delete', 'acme');
    expect(stdout).toContain('it was deleted already');
    expect(exitCode).toBe(0);
  });
});

describe('a no is told with what was said and what to do, and ends with 1:', () => {
  it.each([
    ['a bad key', 401, '{"message":"Unauthenticated."}', 'answered 401: Unauthenticated.\nCheck chaveApi'],
    ['a bad request', 400, '{"message":"workspace?"}', 'answered 400: workspace?\nCheck nicochat.baseUrl'],
    ['a status that is not ok', 200, '{"status":"error","message":"no"}', 'answered 200: no\n'],
    ['no bot_url', 200, '{"status":"ok","data":{}}', 'no data.bot_url'],
    [
      'an answer that is not JSON',
      200,
      '<html>Login</html>',
      'answered 200: <html>Login</html>\nCheck nicochat.baseUrl',
    ],
    ['a server in trouble', 503, '', 'answered 503: HTTP 503 with an empty body\nTry again later.'],
    ['an answer that repeats the key', 400, '{"message":"bad key chave-de-exemplo"}', 'bad key ***'],
    ['an answer that quotes us', 400, '[{"ChaveApi":"chave-de-exemplo"}]', 'answered 400: [{"ChaveApi":"***"}]'],
    ['one that holds a secret of theirs', 200, '{"status":"x","data":{"webhook_verification_key":"t0p', '"***"'],
    ['a terminal escape', 400, '{"message":"\\u001b[2J"}', String.raw`\u001b[2J`],
  ])('%s', async (_case, status, body, said) => {
    answer = { status, body };
    const { exitCode, stdout, stderr } = await bridge('webhook', 'set', 'acme');
    expect(stderr).toContain(said);
    expect(stderr).toContain(baseUrl);
    expect(stderr).not.toContain('partner=7');
    expect([exitCode, stdout]).toEqual([1, '']);
  });

  it('a redirect, which is not followed with the key', async () => {
    answer = { status: 302, body: '', headers: { location: `${baseUrl}/elsewhere` } };
    const { exitCode, stderr } = await bridge('webhook', 'get', 'acme');
    expect(stderr).toContain('That is a redirect');
    expect(exitCode).toBe(1);
    expect(requests).toHaveLength(1);
  });

  it('not found, unless it was to be deleted', async () => {
    answerJson(404, { message: 'Webhook not found.' });
    expect(await bridge('webhook', 'get', 'acme')).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('nobody there', async () => {
    const path = temporaryFile('nobody.yaml', configWith('http://127.0.0.1:1/apichat.php'));
    const { exitCode, stderr } = await runBridgeHere(['webhook', 'get', 'acme', '--config', path], { env });
    expect(stderr).toContain('could not connect to http://127.0.0.1:1/apichat.php (');
    expect(stderr).toContain('Is nicochat.baseUrl in bridge.yaml right');
    expect(exitCode).toBe(1);
  });
});

describe('a key that is refused in header and field', () => {
  const refused = { status: 401, body: '{"message":"Unauthenticated."}' };
  const sent = () =>
    requests.map(({ headers, body }) => [
      headers.authorization,
      (JSON.parse(body) as Record<string, unknown>)['ChaveApi'],
    ]);

  it.each([
    ['header', [refused], 'as the Bearer token alone', [['Bearer chave-de-exemplo', undefined]]],
    [
      'field',
      [refused, { status: 400, body: '' }],
      'as a field alone',
      [
        ['Bearer chave-de-exemplo', undefined],
        [undefined, 'chave-de-exemplo'],
      ],
    ],
  ] as const)('is taken from the %s alone, and which it was is said', async (_where, before, said, alone) => {
    answersBefore = [...before];
    const { exitCode, stderr } = await bridge('webhook', 'set', 'acme');
    expect(stderr).toContain(`NicoChat took the ChaveApi ${said}`);
    expect(sent()).toEqual([['Bearer chave-de-exemplo', 'chave-de-exemplo'], ...alone]);
    expect(exitCode).toBe(0);
  });

  it('everywhere is a no, with all that was said', async () => {
    answersBefore = [refused, { status: 403, body: '{"message":"No field."}' }];
    answer = refused;
    const { exitCode, stderr } = await bridge('webhook', 'get', 'acme');
    expect(stderr).toContain(
      'answered 401: Unauthenticated.\nWith the key in the header alone it answered 403: No field.\nCheck',
    );
    expect(sent()).toHaveLength(3);
    expect(exitCode).toBe(1);
  });

  it('is not sent anew where the answer says nothing about it', async () => {
    answer = { status: 503, body: '' };
    await bridge('webhook', 'set', 'acme');
    expect(requests).toHaveLength(1);
  });
});

describe('what NicoChat echoes', () => {
  it.each([
    ['another address', { webhook_url: 'https://old.example/webhooks/acme' }, 'another address, https://old.example/'],
    ['another key', { webhook_verification_key: 'their-own-key-7' }, 'another verification key'],
  ])('with %s is no yes, and bot_url is not stored', async (_what, change, said) => {
    answerJson(200, { ...registered, data: { ...registered.data, webhook_url: ingress.webhookUrl, ...change } });
    const file = `${config[1]}.echo`;
    const { exitCode, stdout, stderr } = await bridge('webhook', 'set', 'acme', '--store-bot-url', `file:${file}`);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('their-own-key-7');
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });
});

describe('ingress is asked first, as NicoChat will ask it', () => {
  it('by POST, as a form, with the first key and a challenge that nobody can know', async () => {
    const { stderr } = await bridge('webhook', 'set', 'acme');
    await bridge('webhook', 'set', 'acme');
    expect(stderr).toContain(`${ingress.webhookUrl} leads to ingress, and it knows the key.`);
    expect(ingress.requests).toHaveLength(8);
    const [stranger, first, second] = ingress.requests;
    expect(stranger?.body).toMatch(/^hub_mode=subscribe&hub_verify_token=[0-9a-f]{32}&hub_challenge=[0-9a-f]{32}$/);
    expect(first).toMatchObject({ method: 'POST', url: '/webhooks/acme' });
    expect(first?.body).toMatch(/^hub_mode=subscribe&hub_verify_token=verification-key-1&hub_challenge=[0-9a-f]{32}$/);
    expect(second?.body).not.toBe(first?.body);
  });

  it('and not at all with --no-check', async () => {
    ingress.answer(() => ({ status: 500, body: '' }));
    expect((await bridge('webhook', 'set', 'acme', '--no-check')).exitCode).toBe(0);
    expect([requests.length, ingress.requests.length]).toEqual([1, 0]);
  });

  it('and waited for, when it may only be late', async () => {
    ingress.answer((echo, count) => (count < 2 ? { status: 502, body: '<html>' } : echo));
    const { exitCode, stderr } = await bridge('webhook', 'set', 'acme');
    expect(stderr).toContain('Waiting for ingress: what is in front of ingress finds none (502)');
    expect(exitCode).toBe(0);
    // Two that are late, then a stranger, and three in a row that are well.
    expect(ingress.requests).toHaveLength(6);
  });

  it('and more than once, because another process of it may not have read the key yet', async () => {
    ingress.answer((echo, count) =>
      count === 2 ? { status: 403, body: '', headers: { 'x-content-type-options': 'nosniff' } } : echo,
    );
    const { exitCode, stderr } = await bridge('webhook', 'set', 'acme');
    expect(stderr).toContain('Waiting for ingress: ingress answered 403');
    expect(exitCode).toBe(0);
    expect(ingress.requests).toHaveLength(6);
  });

  it('and not waited for, when waiting is of no use', async () => {
    ingress.answer(() => ({ status: 301, body: '' }));
    expect((await bridge('webhook', 'set', 'acme')).exitCode).toBe(1);
    expect(ingress.requests).toHaveLength(1);
  });

  it('and is none when it says yes to anybody', async () => {
    ingress.answer((_echo, _count, { challenge }) => ({ status: 200, body: challenge }));
    const { exitCode, stderr } = await bridge('webhook', 'set', 'acme');
    expect(stderr).toContain('it says yes to any token');
    expect([exitCode, requests]).toEqual([1, []]);
  });

  const problem = (status: number, outcome: string) => ({
    status,
    body: JSON.stringify({ type: 'about:blank', status, outcome }),
    headers: { 'content-type': 'application/problem+json' },
  });

  it.each<[string, Awaited<ReturnType<Parameters<FakeIngress['answer']>[0]>>, string]>([
    ['does not know the connection', problem(404, 'unknown-connection'), 'ingress has no connection "acme"'],
    ['is behind something that changes the path', problem(404, 'unknown-path'), 'must not change the path'],
    [
      'has another key',
      { status: 403, body: '', headers: { 'x-content-type-options': 'nosniff' } },
      'it knows "acme", but not the first of its verificationKeys',
    ],
    ['had too many wrong keys', problem(429, 'handshake-throttled'), 'try again in a minute'],
    ['gets no body', problem(401, 'signature-missing'), 'something in front of ingress drops it'],
    ['is in trouble', problem(503, 'broker-unavailable'), 'ingress answered 503, broker-unavailable'],
    ['is not behind its proxy', { status: 502, body: '<html>Bad Gateway' }, 'finds none (502)'],
    ['is a wall', { status: 403, body: '<html>Forbidden' }, 'another server answers there: 403 with a page for people'],
    ['is a wall without a word', { status: 403, body: '' }, 'another server answers there: 403 with no content type'],
    ['moved', { status: 301, body: '', headers: { location: 'https://x.example' } }, 'a redirect (301)'],
    [
      'is another server that is content',
      { status: 200, body: '{"ok":true}', headers: { 'content-type': 'application/json' } },
      'another server answers there: 200 with application/json, and not with our challenge',
    ],
    ['has no such page', { status: 404, body: '<!doctype html>' }, 'another server answers there: 404 with a page'],
  ])('one that %s is told apart, nothing is registered, and ingress alone sees the key', async (_case, given, said) => {
    ingress.answer(() => given);
    const { exitCode, stdout, stderr } = await bridge('webhook', 'set', 'acme', '--wait-seconds', '0');
    expect(stderr).toContain(`${ingress.webhookUrl} is not our ingress, as seen from here: `);
    expect(stderr).toContain(said);
    expect(stderr).toContain('--no-check');
    expect([exitCode, stdout, requests]).toEqual([1, '', []]);
    const sawKey = ingress.requests.some(({ body }) => body.includes('verification-key-1'));
    expect(sawKey).toBe(said.startsWith('it knows "acme"'));
  });

  it.each([
    ['a host that nobody knows', () => 'https://bridge.invalid', 'DNS does not know its host'],
    ['no TLS where TLS is due', () => ingress.url.replace('http:', 'https:'), 'its TLS is not in order'],
    ['a private address', () => 'https://10.0.0.1', '10.0.0.1 is a private address'],
    ['nobody', () => 'http://127.0.0.1:1', 'nobody takes the connection'],
  ])('%s is told apart as well', async (_case, publicUrl, said) => {
    const yaml = configWith(baseUrl).replace(`${ingress.url}/`, publicUrl());
    const args = ['webhook', 'set', 'acme', '--wait-seconds', '0', '--config', temporaryFile('elsewhere.yaml', yaml)];
    const { exitCode, stderr } = await runBridgeHere(args, { env });
    expect(stderr).toContain(said);
    expect([exitCode, requests]).toEqual([1, []]);
  });
});

describe('--generate-key', () => {
  const generated = (name: string, reference = `{ file: ${name} }`) => {
    const yaml = configWith(baseUrl).replace('[{ env: ACME_KEY }, {', `[${reference}, {`);
    const path = temporaryFile(`${name}.yaml`, yaml);
    const key = `${dirname(path)}/${name}`;
    return { key, args: ['webhook', 'set', 'acme', '--generate-key', `file:${key}`, '--config', path] };
  };
  const run = (args: string[]) => runBridgeHere(args, { env });

  it('makes a strong one where told, which nobody else reads and nobody sees, and keeps it the next time', async () => {
    answerJson(200, { status: 'ok', data: { bot_url: botUrl, webhook_status: 'verified' } });
    ingress.answer((echo, _count, { token, challenge }) =>
      token.length === 48 ? { status: 200, body: challenge } : echo,
    );
    const { key, args } = generated('new-key');
    const first = await run(args);
    const made = readFileSync(key, 'utf8').trim();
    expect(made).toMatch(/^[0-9a-f]{48}$/);
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(first.stdout + first.stderr).not.toContain(made);
    expect(requests[0]?.body).toContain(`"webhook_verification_key":"${made}"`);
    expect(ingress.requests[1]?.body).toContain(made);
    const second = await run(args);
    expect(second.stderr).toContain('is there already: its key is used');
    expect(readFileSync(key, 'utf8').trim()).toBe(made);
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
  });

  it('makes one that bridge.yaml has not as the first: 78, and nobody is asked', async () => {
    const { args } = generated('stray-key', '{ env: ACME_KEY }');
    const { exitCode, stderr } = await run(args);
    expect(stderr).toContain('the first of connections.acme.verificationKeys in bridge.yaml is not the key in');
    expect([exitCode, requests, ingress.requests]).toEqual([78, [], []]);
  });

  it('makes none for a connection that is not there', async () => {
    const { key, args } = generated('no-key');
    expect((await run(args.with(2, 'acne'))).exitCode).toBe(78);
    expect(() => readFileSync(key)).toThrow('ENOENT');
    writeFileSync(key, 'too-short');
    const short = await run(args);
    expect(short.stderr).toContain('is shorter than 16 characters');
    expect(short.exitCode).toBe(78);
  });
});

describe('bridge.yaml must say enough, else 78 and nothing is asked:', () => {
  it.each([
    ['a connection that is not there', 'acne', 'there is no connection "acne" in bridge.yaml; it has: acme, no-email'],
    ['one without e-mail', 'no-email', 'connections.no-email has no email'],
  ])('%s', async (_case, connection, fault) => {
    const { exitCode, stderr } = await bridge('webhook', 'get', connection);
    expect(stderr).toContain(fault);
    expect(exitCode).toBe(78);
    expect(requests).toEqual([]);
  });

  it('the public URL, to set', async () => {
    const path = temporaryFile('private.yaml', configWith(baseUrl).replace(/publicUrl: \S+ /, ''));
    const { exitCode, stderr } = await runBridgeHere(['webhook', 'set', 'acme', '--config', path], { env });
    expect(stderr).toContain('add nicochat.publicUrl');
    expect(exitCode).toBe(78);
    expect(requests).toEqual([]);
  });
});
