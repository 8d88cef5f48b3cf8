import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startCommit, startProcess, startSend, traceBatches, traceSends } from './messaging-spans.ts';
import { turnTracingOn, type EndedSpan } from './testing/tracing-on.ts';
import { runInSpan, withSpan } from './with-span.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const incoming = `00-${traceId}-00f067aa0ba902b7-01`;
const record = (headers: Record<string, string> = { ce_id: 'e-1', traceparent: incoming }) => ({
  topic: 'events',
  key: 'acme/+5511999999999',
  value: 'hidden',
  headers: { ...headers },
});
const consumed = (traceparent: string) => ({ ...record({ traceparent }), partition: 3, offset: '42' });
const letter = () => record({ traceparent: incoming, 'x-dead-letter-topic': 'commands' });

test('with tracing off nothing is put between, and no record is changed', async () => {
  const store = async (records: object[]) => records;
  expect(traceSends(store)).toBe(store);
  expect(traceBatches(store)).toBe(store);
});

describe('with tracing on', () => {
  let ended: EndedSpan[];
  let turnOff: () => Promise<void>;
  beforeAll(() => {
    ({ ended, turnOff } = turnTracingOn());
  });
  beforeEach(() => void ended.splice(0));
  afterAll(() => turnOff());
  const named = (name: string) => ended.find((span) => span.name === name)!;
  const parentOf = (name: string) => named(name).parentSpanContext?.spanId;
  const linksOf = (name: string) => named(name).links.map(({ context }) => context.traceId);

  test('a record that is handled is a child of what it carries, and names its place, never its key or value', () => {
    startProcess({ ...consumed(incoming), headers: { ce_id: 'e-1', traceparent: incoming } }, 'router').end();
    expect(named('process events').spanContext().traceId).toBe(traceId);
    expect(parentOf('process events')).toBe('00f067aa0ba902b7');
    expect(named('process events').attributes).toEqual({
      'messaging.system.name': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'events',
      'messaging.consumer.group.name': 'router',
      'messaging.destination.partition.id': '3',
      'messaging.message.id': 'e-1',
      'kafka.offset': 42,
    });
  });

  test.each(['', 'nonsense'])('a record with the context %j begins a trace, whatever is active', async (context) => {
    await withSpan('another', {}, () => startProcess(consumed(context), 'router').end());
    expect(named('process events').parentSpanContext).toBeUndefined();
    expect(named('another').spanContext().traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  test('each record that is sent carries the span of its sending, a child of the active one', async () => {
    const records = [record(), record()];
    const store = traceSends(async (stored: object[], more: number) => stored.length + more);
    expect(await withSpan('request', {}, () => store(records, 1))).toBe(3);
    const sends = ended.filter(({ name }) => name === 'send events');
    const request = named('request').spanContext();
    expect(sends.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([request.spanId, request.spanId]);
    const carried = sends.map((span) => `00-${request.traceId}-${span.spanContext().spanId}-01`);
    expect(records.map(({ headers }) => headers['traceparent'])).toEqual(carried);
    expect(sends.map(({ kind }) => kind)).toEqual([3, 3]);
  });

  test('a dead letter keeps the context that it has, and its sending links to it', async () => {
    const dead = letter();
    startSend(dead).end();
    expect(dead.headers['traceparent']).toBe(incoming);
    expect(linksOf('send events')).toEqual([traceId]);
  });

  test('what is not stored ends its span with the class of the error', async () => {
    const store = traceSends(() => Promise.reject(new RangeError('https://secret.example')));
    await expect(store([record()])).rejects.toThrow('secret');
    expect(named('send events').attributes).toMatchObject({ 'error.type': 'RangeError' });
    expect(JSON.stringify([named('send events').attributes, named('send events').events])).not.toContain('secret');
  });

  test('a batch of records with contexts of their own is one span that links to all, in a trace of its own', async () => {
    const other = `00-${'a'.repeat(32)}-00f067aa0ba902b7-01`;
    const records = [record(), record({ traceparent: other })];
    await withSpan('request', {}, () => traceBatches(async () => {})(records));
    expect(linksOf('send events')).toEqual([traceId, 'a'.repeat(32)]);
    expect(parentOf('send events')).toBeUndefined();
    expect(named('send events').attributes).toMatchObject({ 'messaging.batch.message_count': 2 });
    expect(records.map(({ headers }) => headers['traceparent'])).toEqual([incoming, other]);
  });

  test('a transaction links to all that join in it', async () => {
    const joined = [startProcess(consumed(incoming), 'router'), startProcess(consumed(''), 'router')];
    startCommit('events', 'router', joined).end();
    await Promise.all(joined.map((span) => runInSpan(span, () => {})));
    const spans = ended.filter(({ name }) => name === 'process events').map((span) => span.spanContext().traceId);
    expect(linksOf('commit events')).toEqual(spans);
    expect(named('commit events').attributes).toMatchObject({
      'messaging.operation.type': 'settle',
      'messaging.batch.message_count': 2,
    });
  });
});
