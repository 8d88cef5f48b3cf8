import { createRequire, findPackageJSON, register } from 'node:module';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { setTracing } from './tracing-state.ts';
import { incomingUrlAttributes, isProbe, outgoingUrlAttributes } from './url-attributes.ts';

/** A module of OpenTelemetry's that is patched when the app imports it, by each name that an import may use. */
const patchedModules = ['express', 'http', 'https', 'node:http', 'node:https'];

/**
 * Sends traces, and only traces, to where the standard `OTEL_*` variables say (default: OTLP over http/protobuf).
 * Metrics belong to prom-client and logs to pino, so their variables start nothing.
 *
 * @param mainPath the file that Node runs; its package's folder names the service unless the environment does.
 */
export function startTracing(env: NodeJS.ProcessEnv, mainPath: string | undefined): void {
  // Baggage, the other default, would carry strangers' headers from the webhook to the bot.
  env['OTEL_PROPAGATORS'] ||= 'tracecontext';
  // ES modules can't be patched once imported: a loader hook wraps them. The SDK brings the one that fits it.
  const ofSdk = createRequire(import.meta.resolve('@opentelemetry/sdk-node'));
  register(pathToFileURL(ofSdk.resolve('@opentelemetry/instrumentation/hook.mjs')), {
    data: { include: patchedModules },
  });
  const sdk = new NodeSDK({
    ...(namesService(env) ? {} : { serviceName: serviceName(mainPath) }),
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: (request) => isProbe(request.url),
        startIncomingSpanHook: incomingUrlAttributes,
        startOutgoingSpanHook: ({ protocol, host, hostname, port }) =>
          outgoingUrlAttributes(`${protocol ?? 'http:'}//${hostname ?? host ?? 'localhost'}${port ? `:${port}` : ''}`),
      }),
      new ExpressInstrumentation(),
      new UndiciInstrumentation({ startSpanHook: ({ origin }) => outgoingUrlAttributes(origin) }),
    ],
  });
  sdk.start();
  setTracing(true);
  flushAtExit(sdk);
}

function namesService(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env['OTEL_SERVICE_NAME']) || /(^|,)\s*service\.name=/.test(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '');
}

/** `nicochat-bridge-ingress` for `…/apps/ingress/src/main.ts`. */
function serviceName(mainPath: string | undefined): string {
  const manifest = mainPath === undefined ? undefined : findPackageJSON(pathToFileURL(mainPath));
  return manifest === undefined ? 'nicochat-bridge' : `nicochat-bridge-${basename(dirname(manifest))}`;
}

/** `beforeExit` comes when nothing is left to do, and waits for what its listener starts. */
function flushAtExit(sdk: NodeSDK): void {
  process.once('beforeExit', () => {
    sdk
      .shutdown()
      .catch((error: unknown) => process.emitWarning(`The last traces could not be sent: ${String(error)}`));
  });
}
