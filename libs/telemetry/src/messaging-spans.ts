import { messagingAttributes as names } from './messaging-attributes.ts';
import { errorType, startSpan } from './start-span.ts';
import type { TracedSpan } from './start-span.ts';
import { traceIdOf } from './traceparent.ts';
import { isTracing } from './tracing-state.ts';

type Headers = Record<string, unknown>;
type Sent = { topic: string; headers: Headers };
type Consumed = { topic: string; partition: number; offset: string; headers: Record<string, string> };
type Store<R, Rest extends unknown[], T> = (records: R[], ...rest: Rest) => Promise<T>;

/** Long enough for every id that the bridge makes; a producer may choose anything. */
const maxIdLength = 128;

/** The attributes of an operation on a topic, by the conventions of messaging. Never a record's key, never its value. */
function operation(name: string, type: string, topic: string) {
  return {
    name: `${name} ${topic}`,
    attributes: {
      [names.system]: 'kafka',
      [names.operationName]: name,
      [names.operationType]: type,
      [names.destination]: topic,
    },
  };
}

function identity({ ce_id: id }: Headers) {
  return typeof id === 'string' ? { [names.messageId]: id.slice(0, maxIdLength) } : {};
}

/** A consumed record's handling: the child of what the record carries, and so in the same trace. */
export function startProcess(record: Consumed, group: string): TracedSpan {
  const { name, attributes } = operation('process', 'process', record.topic);
  return startSpan(name, {
    kind: 'consumer',
    // Without a context of its own it begins a trace: whatever is active here belongs to other records.
    parent: traceIdOf(record.headers['traceparent']) ? record.headers['traceparent'] : null,
    attributes: {
      ...attributes,
      [names.consumerGroup]: group,
      [names.partition]: String(record.partition),
      [names.offset]: Number(record.offset),
      ...identity(record.headers),
    },
  });
}

/**
 * A record's sending. The record carries the span's context from now on; a dead letter keeps the one it was given, as all
 * its headers, and the span links to it.
 */
export function startSend(record: Sent, parent?: TracedSpan): TracedSpan {
  const { name, attributes } = operation('send', 'send', record.topic);
  const kept = isDeadLetter(record) ? String(record.headers['traceparent']) : undefined;
  const more = { parent, links: [kept], attributes: { ...attributes, ...identity(record.headers) } };
  const span = startSpan(name, { kind: kept === undefined ? 'producer' : 'client', ...more });
  if (kept === undefined) record.headers['traceparent'] = span.traceparent;
  return span;
}

/** The transaction in which records of several traces join: a trace of its own that links to each of them. */
export function startCommit(topic: string, group: string, joined: TracedSpan[]): TracedSpan {
  const { name, attributes } = operation('commit', 'settle', topic);
  return startSpan(name, {
    kind: 'client',
    parent: null,
    links: joined.map(({ traceparent }) => traceparent),
    attributes: { ...attributes, [names.consumerGroup]: group, [names.batchCount]: joined.length },
  });
}

/** The same `store`, with a `send` span for each record; while nothing is traced `store` itself. */
export function traceSends<R extends Sent, Rest extends unknown[], T>(store: Store<R, Rest, T>): Store<R, Rest, T> {
  if (!isTracing()) return store;
  return (records, ...rest) => {
    const spans = records.map((record) => startSend(record));
    return ending(spans, store(records, ...rest));
  };
}

/**
 * The same `publish`, with one `send` span for all records of a call, which keep the contexts that they have; it links to
 * them, and begins a trace of its own. While nothing is traced `publish` itself.
 */
export function traceBatches<R extends Sent, Rest extends unknown[], T>(publish: Store<R, Rest, T>): Store<R, Rest, T> {
  if (!isTracing()) return publish;
  return (records, ...rest) => {
    const { name, attributes } = operation('send', 'send', records[0]?.topic ?? '');
    const span = startSpan(name, {
      kind: 'client',
      parent: null,
      links: records.map(({ headers }) => String(headers['traceparent'])),
      attributes: { ...attributes, [names.batchCount]: records.length },
    });
    return ending([span], publish(records, ...rest));
  };
}

async function ending<T>(spans: TracedSpan[], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    for (const span of spans) span.fail(errorType(error));
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

const isDeadLetter = ({ headers }: Sent) => headers['x-dead-letter-topic'] !== undefined;
