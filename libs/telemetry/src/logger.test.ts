import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createLoggerTo } from './logger.ts';
import { turnTracingOn } from './testing/tracing-on.ts';
import { withSpan } from './with-span.ts';

test('a line is one JSON object with the time, the level by name, the app and the fields', () => {
  const { log, lines } = recordingLogger();
  log.warn({ connection: 'acme', token: 'hidden' }, 'slow');
  expect(lines).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      pid: process.pid,
      hostname: expect.any(String),
      name: 'ingress',
      connection: 'acme',
      token: '[redacted]',
      msg: 'slow',
    },
  ]);
});

test('lines below the level are not written', () => {
  const { log, lines } = recordingLogger('warn');
  log.info('quiet');
  log.warn('loud');
  expect(lines).toMatchObject([{ msg: 'loud' }]);
});

test('an error alone is logged with its class, message and stack', () => {
  const { log, lines } = recordingLogger();
  log.error(new RangeError('too far'));
  expect(lines).toMatchObject([{ msg: 'too far', err: { type: 'RangeError', message: 'too far' } }]);
  expect(lines[0]).toHaveProperty('err.stack');
});

test('the fields of a child, and of its child, are hidden too', () => {
  const { log, lines } = recordingLogger();
  log.child({ connection: 'acme', botUrl: 'hidden' }).child({ phone: 'hidden', part: 'sender' }).info('hello');
  expect(lines).toMatchObject([
    { connection: 'acme', botUrl: '[redacted]', part: 'sender', phone: '[redacted]', msg: 'hello' },
  ]);
});

test('a line carries the trace only while a span is active', async () => {
  const { log, lines } = recordingLogger();
  const { ended, turnOff } = turnTracingOn();
  await withSpan('work', {}, () => log.info('inside'));
  log.info('outside');
  await turnOff();
  const { traceId, spanId } = ended[0]!.spanContext();
  expect(lines[0]).toMatchObject({ msg: 'inside', trace_id: traceId, span_id: spanId });
  expect(lines[1]).not.toHaveProperty('trace_id');
});

test.each(['json', 'pretty'])('the last line of a killed process is there (%s)', (format) => {
  const script = fileURLToPath(new URL('./testing/last-words.ts', import.meta.url));
  const { FORCE_COLOR: _, ...env } = process.env;
  const plain = { ...env, NO_COLOR: '1' };
  const { stdout, signal } = spawnSync(process.execPath, [script, format], { encoding: 'utf8', env: plain });
  expect(signal).toBe('SIGKILL');
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(1_000);
  expect(lines.at(-1)).toMatch(
    format === 'json'
      ? /^\{"level":"error",.*"connection":"acme","token":"\[redacted\]","msg":"last words"\}$/
      : /^\[\d\d:\d\d:\d\d\.\d{3}\] ERROR \(dying\): last words \{"connection":"acme","token":"\[redacted\]"\}$/,
  );
});

function recordingLogger(level = 'info') {
  const lines: unknown[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  return { log: createLoggerTo({ name: 'ingress', level, format: 'json' }, { write }), lines };
}
