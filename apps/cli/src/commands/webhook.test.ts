import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runBridgeCommand, temporaryFile } from '../bridge-command.fixture.ts';

const env = { CHAVE_API: 'chave-de-exemplo', ACME_KEY: 'verification-key-1', ACME_OLD_KEY: 'verification-key-0' };
const botUrl = 'https://bot.example/api/apichat/9f3c0a';
const registered = {
  status: 'ok',
  data: {
    webhook_url: 'https://bridge.example/webhooks/acme',
    webhook_verification_key: env.ACME_KEY,
    webhook_status: 'verified',
    bot_url: botUrl,
  },
};

let server: Server;
let baseUrl = '';
let config: string[] = [];
let requests: { method?: string; url?: string; headers: IncomingHttpHeaders; body: string }[] = [];
let answer: { status: number; body: string; headers?: Record<string, string> };
const answerJson = (status: number, body: unknown) => (answer = { status, body: JSON.stringify(body) });

beforeAll(async () => {
  server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    void text(request).then((body) => {
      requests.push({ method, url, headers, body });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/apichat.php`;
  config = ['--config', temporaryFile('webhook.yaml', configWith(baseUrl))];
});
afterAll(() => void server.close());
beforeEach(() => {
  requests = [];
  answerJson(200, registered);
});

const configWith = (base: string) => `
nicochat: { baseUrl: "${base}?partner=7", publicUrl: "https://bridge.example/", chaveApi: { env: CHAVE_API } }
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
  const ended = await runBridgeCommand([...args, ...config], { env });
  for (const secret of Object.values(env)) expect(ended.stdout + ended.stderr).not.toContain(secret);
  return ended;
};

const account = { workspace: 4821, email: 'dono@exemplo.com.br', ChaveApi: 'chave-de-exemplo' };

describe('a request to NicoChat', () => {
  const webhook = {
    webhook_url: 'https://bridge.example/webhooks/acme',
    webhook_verification_key: 'verification-key-1',
  };
  it.each([
    ['get', 'get-webhook', account],
    ['set', 'set-webhook', { ...account, ...webhook }],
    ['delete', 'delete-webhook', account],
  ])('%s has the documented body, and the key as the Bearer too', async (action, inUrl, body) => {
    expect(await bridge('webhook', action, 'acme')).toMatchObject({ exitCode: 0, stderr: '' });
    const [request, second] = requests;
    expect(request).toMatchObject({ method: 'POST', url: `/apichat.php?partner=7&action=${inUrl}` });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer chave-de-exemplo',
      'content-type': 'application/json',
    });
    expect(request?.body).toBe(JSON.stringify(body));
    expect(second).toBeUndefined();
  });
});

describe('a yes', () => {
  it.each(['get', 'set'])('to %s is shown without its secrets', async (action) => {
    const { stdout } = await bridge('webhook', action, 'acme');
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'webhook_url     https://bridge.example/webhooks/acme',
      'webhook_status  verified',
    ]);
    expect(stdout).not.toContain('9f3c0a');
  });

  it('is shown with bot_url for who asks', async () => {
    expect((await bridge('webhook', 'get', 'acme', '--show-bot-url')).stdout).toContain(botUrl);
  });

  it('can leave bot_url in a file that only its owner reads', async () => {
    const file = `${config[1]}.bot-url`;
    const { stdout, stderr } = await bridge('webhook', 'set', 'acme', '--write-bot-url', file);
    expect(readFileSync(file, 'utf8')).toBe(`${botUrl}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stdout + stderr).not.toContain('9f3c0a');
  });

  it('says when bot_url could not be written', async () => {
    const { exitCode, stderr } = await bridge('webhook', 'set', 'acme', '--write-bot-url', '/nowhere/bot-url');
    expect(stderr).toContain('bot_url could not be written');
    expect(exitCode).toBe(1);
  });

  it('is a warning when the webhook is not verified', async () => {
    answerJson(200, { ...registered, data: { ...registered.data, webhook_status: 'pending' } });
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
    const { exitCode, stderr } = await runBridgeCommand(['webhook', 'get', 'acme', '--config', path], { env });
    expect(stderr).toContain('could not connect to http://127.0.0.1:1/apichat.php (');
    expect(stderr).toContain('Is nicochat.baseUrl in bridge.yaml right');
    expect(exitCode).toBe(1);
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
    const { exitCode, stderr } = await runBridgeCommand(['webhook', 'set', 'acme', '--config', path], { env });
    expect(stderr).toContain('add nicochat.publicUrl');
    expect(exitCode).toBe(78);
    expect(requests).toEqual([]);
  });
});
