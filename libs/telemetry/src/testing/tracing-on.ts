import { NodeSDK } from '@opentelemetry/sdk-node';
import { setTracing } from '../tracing-state.ts';

type Processors = NonNullable<NonNullable<ConstructorParameters<typeof NodeSDK>[0]>['spanProcessors']>;
export type EndedSpan = Parameters<Processors[number]['onEnd']>[0];

/** Turns tracing on in this process and keeps the spans that end. */
export function turnTracingOn(): { ended: EndedSpan[]; turnOff: () => Promise<void> } {
  const ended: EndedSpan[] = [];
  const sdk = new NodeSDK({
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
    spanProcessors: [
      { onStart() {}, onEnd: (span) => void ended.push(span), forceFlush: async () => {}, shutdown: async () => {} },
    ],
  });
  sdk.start();
  setTracing(true);
  const turnOff = () => {
    setTracing(false);
    return sdk.shutdown();
  };
  return { ended, turnOff };
}
