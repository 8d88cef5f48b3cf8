import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOtlpReceiver } from './testing/otlp-receiver.ts';
import { parseTraceparent } from './traceparent.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const tracedApp = fileURLToPath(new URL('./testing/traced-app.ts', import.meta.url));
const reportLoaded = fileURLToPath(new URL('./testing/report-loaded.ts', import.meta.url));
let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let bot: Awaited<ReturnType<typeof startBot>>;

beforeEach(async () => {
  receiver = await startOtlpReceiver();
  bot = await startBot();
});
afterEach(() => {
  receiver.stop();
  bot.stop();
});

describe('an app with an endpoint for its traces', () => {
  const env = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });

  test('sends the spans of a request, from express to the bot, as one trace', async () => {
    const { exitCode } = await runTracedApp(env());
    expect(exitCode).toBe(0);
    const spans = receiver.spans();
    const webhook = spans.find(({ name }) => name === 'GET /webhooks/:connection')!;
    const named = (scoped: (span: (typeof spans)[number]) => boolean) =>
      spans.filter((span) => span.traceId === webhook.traceId && scoped(span));
    expect(webhook).toMatchObject({
      kind: 2,
      attributes: { 'http.route': '/webhooks/:connection', 'url.path': '/webhooks/acme' },
    });
    const [handler] = named(({ attributes }) => attributes['express.type'] === 'request_handler');
    expect(handler?.parentSpanId).toBe(webhook.spanId);
    const [publish] = named(({ name }) => name === 'publish');
    expect(publish).toMatchObject({ kind: 4, parentSpanId: handler?.spanId });
    const [call] = named(({ kind, parentSpanId }) => kind === 3 && parentSpanId === handler?.spanId);
    expect(call?.attributes).toMatchObject({ 'url.full': `${bot.origin}/`, 'url.path': '', 'url.query': '' });
    expect(bot.received).toMatchObject([{ traceparent: `00-${webhook.traceId}-${call?.spanId}-01` }]);
  });

  test('writes the trace into its log lines and its records', async () => {
    const { output } = await runTracedApp(env());
    const line = JSON.parse(output) as { trace_id: string; record: string };
    const publish = receiver.spans().find(({ name }) => name === 'publish')!;
    expect(line.trace_id).toBe(publish.traceId);
    expect(parseTraceparent(line.record)).toMatchObject({
      traceId: publish.traceId,
      spanId: publish.spanId,
      traceFlags: 1,
    });
  });

  test.each([
    ['undici', 'fetch'],
    ['node:http', 'http'],
  ])(
    'sends neither tokens, nor keys, nor the path of a bot_url called by %s, nor spans of probes',
    async (_name, client) => {
      await runTracedApp({ ...env(), BOT_CLIENT: client });
      expect(bot.received).toMatchObject([
        { url: '/bot-path-secret?key=query-secret', authorization: 'Bearer flow-key-secret' },
      ]);
      expect(receiver.spans().map(({ attributes }) => attributes['url.full'])).toContain(`${bot.origin}/`);
      const sent = receiver.posts.map(({ body }) => body).join('\n');
      expect(sent).toContain('/webhooks/acme');
      expect(sent).not.toContain('secret');
      expect(sent).not.toContain('/readyz');
    },
  );

  test("does not pass a stranger's baggage on to the bot, unless told to", async () => {
    await runTracedApp(env());
    await runTracedApp({ ...env(), OTEL_PROPAGATORS: 'tracecontext,baggage' });
    expect(bot.received).toMatchObject([{ baggage: undefined }, { baggage: 'user=stranger' }]);
  });

  test('sends traces only, whatever the variables of metrics and logs say', async () => {
    await runTracedApp({
      ...env(),
      OTEL_METRICS_EXPORTER: 'otlp,console',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_NODE_EXPERIMENTAL_SDK_METRICS: 'true',
    });
    expect(new Set(receiver.posts.map((post) => post.path))).toEqual(new Set(['/v1/traces']));
  });

  test.each([
    ['its folder', {}, 'nicochat-bridge-telemetry'],
    ['OTEL_SERVICE_NAME', { OTEL_SERVICE_NAME: 'my-ingress' }, 'my-ingress'],
    ['OTEL_RESOURCE_ATTRIBUTES', { OTEL_RESOURCE_ATTRIBUTES: 'a=b,service.name=other' }, 'other'],
  ])('is called after %s', async (_source, names, expected) => {
    await runTracedApp({ ...env(), ...names });
    expect(receiver.resource()).toMatchObject({ 'service.name': expected });
  });
});

test('traces go as protobuf, to an endpoint for traces alone too, unless told otherwise', async () => {
  await runTracedApp({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.endpoint}/custom` });
  expect(receiver.posts).toMatchObject([{ path: '/custom', contentType: 'application/x-protobuf' }]);
});

test.each<[string, boolean, Record<string, string>]>([
  ['without an endpoint', false, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
  ['with the SDK disabled', false, { OTEL_SDK_DISABLED: 'TRUE' }],
  ['with the exporter none', false, { OTEL_TRACES_EXPORTER: 'none' }],
  ['with an endpoint', true, {}],
])("%s the SDK's being loaded is %s", async (_case, loaded, env) => {
  const { exitCode, output } = await runTracedApp({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, ...env }, [
    '--import',
    reportLoaded,
  ]);
  expect(exitCode).toBe(0);
  const modules = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as string[];
  expect(modules.length > 0).toBe(loaded);
  expect(receiver.posts.length > 0).toBe(loaded);
});

async function runTracedApp(env: Record<string, string>, nodeOptions: string[] = []) {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_')));
  const child = spawn(process.execPath, [...nodeOptions, '--import', '@bridge/telemetry/start', tracedApp], {
    cwd: project,
    env: { ...inherited, BOT_URL: `${bot.origin}/bot-path-secret?key=query-secret`, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { output, exitCode: exitCode as number | null };
}

/** The bot that the app calls, in a process that is not traced. */
async function startBot() {
  const received: object[] = [];
  const server = createServer(({ url, headers }, response) => {
    received.push({
      url,
      authorization: headers.authorization,
      traceparent: headers['traceparent'],
      baggage: headers['baggage'],
    });
    response.end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { origin: `http://127.0.0.1:${port}`, received, stop: () => server.close().closeAllConnections() };
}
