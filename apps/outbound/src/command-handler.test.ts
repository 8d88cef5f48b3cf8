import type { ConsumedRecord, OutgoingRecord } from '@bridge/kafka';
import { createMetrics, silentLogger } from '@bridge/telemetry';
import { expect, test, vi } from 'vitest';
import { createCommandHandler } from './command-handler.ts';
import { createOutboundMetrics } from './metrics.ts';
import { createResultLedger } from './result-ledger.ts';
import { testConnection } from './testing/connection.ts';
import { testTenure } from './testing/tenure.ts';

const start = Date.parse('2026-11-23T12:00:00Z');
const command = {
  id: 'cmd-1',
  connection: 'acme',
  conversation: { id: '501' },
  contact: { id: 'cliente-77' },
  message: { kind: 'text', text: 'Oi' },
};
const record = {
  partition: 3,
  offset: '10',
  key: 'acme/501',
  value: JSON.stringify(command),
  headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  timestampMs: start,
} as unknown as ConsumedRecord;

/** A handler whose bot takes everything, and whose results are stored or not, as told one after the other. */
function world(...stores: (boolean | Promise<boolean>)[]) {
  let calls = 0;
  const answers: number[] = [];
  const stored: OutgoingRecord[] = [];
  const ledger = createResultLedger();
  ledger.open(3, 0n);
  const handle = createCommandHandler({
    ledger,
    topics: { sendResults: 'results', deadLetters: 'dead' },
    traceparent: () => 'tp',
    log: silentLogger,
    metrics: createOutboundMetrics(createMetrics('outbound'), 'send-commands'),
    store: async (records) => {
      const isStored = await (stores.shift() ?? true);
      if (isStored) stored.push(...records);
      return isStored;
    },
    delivery: {
      connectionOf: () => testConnection(),
      reread: () => undefined,
      judgeByLedger: ledger.judge,
      enter: async () => 'entered',
      leave: () => {},
      callBot: async () => {
        calls += 1;
        return { kind: 'answered', status: answers.shift() ?? 200, body: '' };
      },
      limits: { maxAttempts: 3, maxAgeMs: 3_600_000 },
      now: () => new Date(start),
      random: () => 1,
      wait: async () => {},
      onAttempt: () => {},
      onRetry: () => {},
    },
  });
  const outcomes = () => stored.map(({ value }) => (JSON.parse(String(value)) as { outcome: string }).outcome);
  return {
    ledger,
    handle: (given = record, goOn = () => {}, tenure = testTenure()) => handle(given, tenure, goOn),
    calls: () => calls,
    stored,
    outcomes,
    answers,
  };
}

test('what could not be stored in time is stored when the record comes back, without another request', async () => {
  const { ledger, handle, calls, outcomes } = world(false, false);
  expect([await handle(), await handle()]).toEqual(['abandoned', 'abandoned']);
  expect([calls(), outcomes()]).toEqual([1, []]);
  ledger.open(3, 10n);
  expect(await handle()).toBe('done');
  expect([calls(), outcomes()]).toEqual([1, ['sent']]);
});

test('if another has settled it meanwhile, nothing is stored', async () => {
  const { ledger, handle, calls, outcomes } = world(false);
  expect(await handle()).toBe('abandoned');
  ledger.learn({ partition: 3, key: 'acme/501', headers: { 'x-command-offset': '10', ce_subject: 'cmd-1' } });
  expect(await handle()).toBe('done');
  expect([calls(), outcomes()]).toEqual([1, []]);
});

test('a conversation goes on while the result of what was sent is stored, by one message, and results come in order', async () => {
  const [first, second] = [Promise.withResolvers<boolean>(), Promise.withResolvers<boolean>()];
  const { ledger, handle, calls, stored, answers } = world(first.promise, second.promise);
  const wentOn: string[] = [];
  const begin = (offset: string) => {
    const value = JSON.stringify({ ...command, id: `cmd-${offset}` });
    return handle({ ...record, offset, value }, () => wentOn.push(offset));
  };
  const done = [begin('10')];
  await vi.waitUntil(() => wentOn.length === 1);
  done.push(begin('11'));
  await vi.waitUntil(() => calls() === 2);
  // What has no result in the topic yet is a duplicate all the same.
  expect(ledger.judge(record, { id: 'cmd-10' })).toBe('duplicate');
  await new Promise(setImmediate);
  expect([wentOn, stored]).toEqual([['10'], []]);

  first.resolve(true);
  await vi.waitUntil(() => wentOn.length === 2);
  second.resolve(true);
  expect(await Promise.all(done)).toEqual(['done', 'done']);
  expect(stored.map(({ headers }) => headers['x-command-offset'])).toEqual(['10', '11']);

  answers.push(400);
  expect(await begin('12')).toBe('done');
  expect(wentOn).toEqual(['10', '11']);
});

test('a command whose answer came after its tenure had ended is stored by the next one as what it is', async () => {
  const { ledger, handle, calls, outcomes } = world(false);
  const ended = AbortSignal.abort();
  let wentOn = false;
  const outcome = await handle(record, () => (wentOn = true), testTenure({ ended }));
  expect([outcome, wentOn, ledger.judge(record, { id: 'cmd-1' })]).toEqual(['abandoned', false, 'new']);
  expect(await handle()).toBe('done');
  expect([calls(), outcomes()]).toEqual([1, ['sent']]);
});

test('one line a command, with its trace: what was sent at once for debug only', async () => {
  const lines: unknown[] = [];
  const write = (level: string) => (fields: unknown) => void lines.push([level, fields]);
  const spies = (['debug', 'info', 'warn'] as const).map((level) =>
    vi.spyOn(silentLogger, level).mockImplementation(write(level)),
  );
  await world().handle();
  expect(lines).toEqual([]);
  spies.push(vi.spyOn(silentLogger, 'isLevelEnabled').mockReturnValue(true) as never);
  await world().handle();
  for (const statuses of [[503], [400]]) {
    const { handle, answers } = world();
    answers.push(...statuses);
    await handle();
  }
  const place = { trace_id: '0af7651916cd43dd8448eb211c80319c', partition: 3, offset: '10' };
  expect(lines).toMatchObject([
    ['debug', { ...place, command: 'cmd-1', connection: 'acme', outcome: 'sent', attempts: 1, status: 200 }],
    ['info', { ...place, command: 'cmd-1', connection: 'acme', outcome: 'sent', attempts: 2, status: 200 }],
    ['warn', { ...place, command: 'cmd-1', connection: 'acme', outcome: 'rejected', status: 400, reason: 'rejected' }],
  ]);
  await world().handle({ ...record, headers: {} });
  // As a field, even of no value, it would hide the trace that the logger knows.
  expect(Object.keys((lines.at(-1) as [string, object])[1])).not.toContain('trace_id');
  for (const spy of spies) spy.mockRestore();
});
