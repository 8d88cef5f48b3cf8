/**
 * Starts tracing before the app's own imports: `node --import @bridge/telemetry/start src/main.ts`.
 * Without an endpoint to send traces to, nothing of OpenTelemetry's SDK is even loaded.
 */
const { env } = process;
const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT'];

if (endpoint && env['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true' && env['OTEL_TRACES_EXPORTER'] !== 'none') {
  const { startTracing } = await import('./tracing.ts');
  startTracing(env, process.argv[1]);
}
