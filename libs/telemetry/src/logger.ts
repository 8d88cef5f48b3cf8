import { isSpanContextValid, trace } from '@opentelemetry/api';
import pino, { type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { redact } from './redact.ts';

export type { Logger } from 'pino';

export type LoggerOptions = {
  /** The app, as every line names it, for example `ingress`. */
  name: string;
  /** `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. */
  level: string;
  /** `json`: one object a line, for machines. `pretty`: for a terminal. */
  format: 'json' | 'pretty';
};

/**
 * A pino logger on standard output: ISO time, the level by its name, `trace_id` and `span_id` while a span is active,
 * secrets redacted (see redact.ts). It writes synchronously, so that the last line of a dying process is there too.
 *
 * @throws Error when `level` is none of pino's.
 */
export function createLogger(options: LoggerOptions): Logger {
  return createLoggerTo(
    options,
    options.format === 'pretty' ? prettyOutput() : pino.destination({ dest: 1, sync: true }),
  );
}

/** The same logger, writing to a stream of the caller. */
export function createLoggerTo({ name, level }: LoggerOptions, stream: DestinationStream): Logger {
  const logger = pino(
    {
      name,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: activeTrace,
      formatters: { level: (label) => ({ level: label }), log: redact },
      // Errors are plain already, by redact: pino's own serializer would take away their class.
      serializers: { err: (error: unknown) => error },
    },
    stream,
  );
  return redactBindings(logger);
}

/** A logger that writes nothing, for tests. */
export const silentLogger: Logger = pino({ level: 'silent' });

/** pino hands the bindings of a child to no formatter; the children of children inherit this method. */
function redactBindings(logger: Logger): Logger {
  const original: (this: Logger, bindings: object, options?: object) => Logger = logger.child;
  return Object.assign(logger, {
    child(this: Logger, bindings: object, options?: object) {
      return original.call(this, redact(bindings), options);
    },
  });
}

function prettyOutput(): DestinationStream {
  // As a stream and not as a transport: a transport is a thread, and its last lines are lost with the process.
  return pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
}

function activeTrace(): object {
  const context = trace.getActiveSpan()?.spanContext();
  if (!context || !isSpanContextValid(context)) return {};
  return { trace_id: context.traceId, span_id: context.spanId };
}
