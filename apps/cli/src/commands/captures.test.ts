import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureHeadSchema } from '@bridge/schemas';
import type { Capture } from '@bridge/schemas';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runBridgeHere } from '../bridge-command.fixture.ts';
import { captureOf } from '../captures/capture.fixture.ts';

const first = captureOf({
  id: '00000001',
  verdict: 'missing',
  words: ['event=message_created'],
  body: '{"content":"Olá\u001b[2J"}',
  headers: [['X-Signature', 'sha256=ab12']],
});
const second = captureOf({ id: '00000002', connection: 'loja', redacted: true });

let server: Server;
let from: string[] = [];
let held: Capture[] = [];
const folder = mkdtempSync(join(tmpdir(), 'bridge-captures-'));

/** What the probes' port of ingress answers (apps/ingress/src/captures). */
function answer(method: string, id: string | undefined): { status: number; body: unknown } {
  if (id === undefined && method === 'GET')
    return { status: 200, body: { captures: held.map((one) => captureHeadSchema.parse(one)) } };
  const meant = held.filter((one) => id === undefined || one.id === id);
  if (id !== undefined && meant.length === 0)
    return { status: 404, body: { detail: 'There is no capture with this id.' } };
  if (method === 'GET') return { status: 200, body: meant[0] };
  held = held.filter((one) => !meant.includes(one));
  return { status: 200, body: { deleted: meant.length } };
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const [path, id] = /^\/captures(?:\/(\w+))?$/.exec(request.url ?? '') ?? [];
    const { status, body } = path === undefined ? { status: 404, body: {} } : answer(request.method ?? '', id);
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  from = ['--from', `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  held = [first, second];
});

const captures = (...args: string[]) => runBridgeHere(['captures', ...args, ...from]);

it('list has a line for each', async () => {
  expect(await captures('list')).toEqual({
    exitCode: 0,
    stderr: '',
    stdout:
      '00000001 2026-11-23T12:00:00.000Z acme missing     shape 1a2b3c4d 22 bytes event=message_created\n' +
      '00000002 2026-11-23T12:00:00.000Z loja mismatch    shape 1a2b3c4d 16 bytes\n',
  });
});

it('list says what to do when there is none', async () => {
  held = [];
  const { exitCode, stdout, stderr } = await captures('list');
  expect(stderr).toContain('signature.capture in bridge.yaml');
  expect([exitCode, stdout]).toEqual([0, '']);
});

it('show has all of one, and nothing that a terminal obeys', async () => {
  const { exitCode, stdout } = await captures('show', '00000001');
  expect(stdout.split('\n').slice(1, -1)).toEqual([
    '',
    'POST /webhooks/acme',
    'X-Signature: sha256=ab12',
    '',
    String.raw`{"content":"Olá\u001b[2J"}`,
  ]);
  expect(exitCode).toBe(0);
  expect((await captures('show', '00000002')).stdout).toContain('a verification key stood in the body');
});

it('show --json and save write what verify-sample reads, the files for their owner only', async () => {
  const shown = await captures('show', '00000001', '--json');
  expect(JSON.parse(shown.stdout)).toEqual(first);
  const into = join(folder, 'new', 'captures');
  const { exitCode, stdout } = await captures('save', into);
  expect(exitCode).toBe(0);
  expect(readdirSync(into)).toEqual(['acme-missing-00000001.json', 'loja-mismatch-00000002.json']);
  expect(stdout).toContain(join(into, 'acme-missing-00000001.json'));
  for (const [name, capture] of [
    ['acme-missing-00000001.json', first],
    ['loja-mismatch-00000002.json', second],
  ] as const) {
    expect(JSON.parse(readFileSync(join(into, name), 'utf8'))).toEqual(capture);
    expect(statSync(join(into, name)).mode & 0o777).toBe(0o600);
  }
  // Again is fine.
  expect((await captures('save', into)).exitCode).toBe(0);
});

it('delete deletes the one, or all', async () => {
  expect((await captures('delete', '00000001')).stdout).toBe('deleted 1 capture\n');
  expect(held).toEqual([second]);
  expect(await captures('delete', '00000001')).toMatchObject({ exitCode: 1, stdout: '' });
  held = [first, second];
  expect((await captures('delete', '--all')).stdout).toBe('deleted 2 captures\n');
  expect(held).toEqual([]);
});

it.each([
  ['one and all', ['delete', '00000001', '--all']],
  ['neither', ['delete']],
  ['what is no id', ['show', '../metrics']],
  ['what is no URL', ['list', '--from', 'localhost']],
])('%s is wrong usage', async (_what, args) => {
  expect(await captures(...args)).toMatchObject({ exitCode: 2, stdout: '' });
  expect(held).toEqual([first, second]);
});

it('a port that has no captures, and one where nobody is, say what to do', async () => {
  const elsewhere = await runBridgeHere(['captures', 'list', '--from', `${from[1]}/`, '--from', 'http://127.0.0.1:1']);
  expect(elsewhere.stderr).toContain('no ingress at http://127.0.0.1:1');
  expect(elsewhere.stderr).toContain('kubectl port-forward');
  expect(elsewhere.exitCode).toBe(1);
  server.removeAllListeners('request').on('request', (_request, response) => response.writeHead(404).end('{}'));
  const none = await captures('list');
  expect(none.stderr).toContain('gives no captures (it answered 404)');
  expect(none.exitCode).toBe(1);
});
