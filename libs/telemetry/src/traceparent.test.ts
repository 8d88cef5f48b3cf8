import { expect, test } from 'vitest';
import { turnTracingOn } from './testing/tracing-on.ts';
import { parseTraceparent, traceparent } from './traceparent.ts';
import { withSpan } from './with-span.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const zeros = '0'.repeat(32);

test.each([`00-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-00`, `00-${traceId}-${spanId}-ff`])(
  'an incoming %s is passed on',
  (incoming) => {
    expect(traceparent(incoming)).toBe(incoming);
  },
);

test.each([
  ['nothing', undefined],
  ['an empty one', ''],
  ['another version', `01-${traceId}-${spanId}-01`],
  ['the forbidden version', `ff-${traceId}-${spanId}-01`],
  ['more parts', `00-${traceId}-${spanId}-01-what`],
  ['upper case', `00-${traceId.toUpperCase()}-${spanId}-01`],
  ['a trace id of zeros', `00-${zeros}-${spanId}-01`],
  ['a span id of zeros', `00-${traceId}-${zeros.slice(16)}-01`],
  ['a short trace id', `00-${traceId.slice(1)}-${spanId}-01`],
  ['flags that are no hex', `00-${traceId}-${spanId}-0g`],
  ['a space before', ` 00-${traceId}-${spanId}-01`],
  ['a line after', `00-${traceId}-${spanId}-01\n`],
])('instead of %s there is a new one, not sampled', (_what, incoming) => {
  const made = traceparent(incoming);
  expect(made).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  expect(parseTraceparent(made)).toBeDefined();
  expect(made).not.toContain(traceId);
  expect(made).not.toBe(traceparent(incoming));
});

test("the active span's comes before the incoming one", async () => {
  const incoming = `00-${traceId}-${spanId}-01`;
  const { ended, turnOff } = turnTracingOn();
  const inside = await withSpan('work', { parent: incoming }, () => traceparent(`00-${'a'.repeat(32)}-${spanId}-01`));
  await turnOff();
  expect(inside).toBe(`00-${traceId}-${ended[0]!.spanContext().spanId}-01`);
  expect(traceparent(incoming)).toBe(incoming);
});
