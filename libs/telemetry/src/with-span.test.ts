import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { turnTracingOn, type EndedSpan } from './testing/tracing-on.ts';
import { traceparent } from './traceparent.ts';
import { withSpan } from './with-span.ts';

const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('with tracing off it only runs the function', async () => {
  expect(await withSpan('work', { parent }, async () => 'done')).toBe('done');
  await expect(withSpan('work', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('with tracing off the incoming context can still be passed on', async () => {
  expect(await withSpan('work', { parent }, () => traceparent(parent))).toBe(parent);
});

describe('with tracing on', () => {
  let ended: EndedSpan[];
  let turnOff: () => Promise<void>;
  beforeAll(() => {
    ({ ended, turnOff } = turnTracingOn());
  });
  beforeEach(() => void ended.splice(0));
  afterAll(() => turnOff());

  test('the span has the name, the kind, the attributes and the parent', async () => {
    const attributes = { connection: 'acme' };
    expect(await withSpan('deliver', { parent, kind: 'consumer', attributes }, () => 'done')).toBe('done');
    expect(ended).toMatchObject([{ name: 'deliver', kind: SpanKind.CONSUMER, attributes }]);
    expect(ended[0]!.spanContext().traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(ended[0]!.parentSpanContext).toMatchObject({ spanId: '00f067aa0ba902b7', isRemote: true });
  });

  test.each([undefined, 'nonsense'])('with the parent %s a span inside another is its child', async (invalid) => {
    await withSpan('outer', {}, () => withSpan('inner', { parent: invalid }, () => {}));
    const [inner, outer] = ended;
    expect(inner!.parentSpanContext?.spanId).toBe(outer!.spanContext().spanId);
  });

  test('an error marks the span with its class only, and goes on', async () => {
    const error = new TypeError('POST https://bot.example/secret-path failed');
    await expect(withSpan('deliver', {}, () => Promise.reject(error))).rejects.toBe(error);
    expect(ended[0]).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'TypeError' },
      events: [],
    });
    expect(ended[0]!.status.message).toBeUndefined();
  });

  test('an error thrown at once ends the span as well', async () => {
    await expect(
      withSpan('deliver', {}, () => {
        throw new RangeError('no');
      }),
    ).rejects.toThrow('no');
    expect(ended).toMatchObject([{ attributes: { 'error.type': 'RangeError' } }]);
  });
});
