import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePorts } from '@bridge/tools/ports';
import type { SinkQuestion, SinkReport } from '../sink/sink.ts';
import type { LoadAnswer, LoadQuestion } from '../load/load-generator.ts';
import type { BenchKafka } from './bench-kafka.ts';
import { flowApiKey, signatureHeader, verificationKey, writeBridgeFile } from './bridge-file.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';
import type { Contestant, Running } from './contestant.ts';

/** What all runs share: a Kafka, a folder, a sink, a load generator, and who is at work at the moment. */
export type BenchWorld = Awaited<ReturnType<typeof openWorld>>;

/** How one run differs from another, besides who runs. */
export type RunSettings = {
  bridgeFile: string;
  groupId: string;
  topic: string;
  outTopic: string;
  env?: Record<string, string>;
};

export async function openWorld(options: {
  kafka: BenchKafka;
  say: (line: string) => void;
  /** Where profiles of the bridge go, if they are wanted. */
  profileFolder?: string | undefined;
}) {
  const { kafka, say, profileFolder } = options;
  const folder = mkdtempSync(join(tmpdir(), 'bridge-bench-'));
  const file = (name: string) => join(folder, name);
  const sink: Child<SinkQuestion, SinkReport> = startChild('sink/sink.ts', { logFile: file('sink.log') });
  const load: Child<LoadQuestion, LoadAnswer> = startChild('load/load-generator.ts', { logFile: file('load.log') });
  const { port: sinkPort } = await sink.ask({ kind: 'listen' });
  const running = new Set<Running>();
  const closings: (() => Promise<void>)[] = [];
  let starts = 0;
  let isClosed = false;

  async function start(contestant: Contestant, settings: RunSettings): Promise<Running & { port: number }> {
    const [port = 0, probesPort = 0] = await freePorts(2);
    if (isClosed) throw new Error('the benchmark is over');
    starts += 1;
    const logFile = file(`${starts}-${contestant.name.replaceAll(/[^\w.-]/g, '_')}.log`);
    const isProfiled = profileFolder !== undefined && contestant.promises === 'exactly';
    const env = {
      ...environment({ kafka, settings, port, probesPort, sinkPort }),
      ...settings.env,
      ...(isProfiled && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(profileFolder)}` }),
    };
    const started = contestant.start({ env, port, logFile });
    running.add(started);
    const stop = async () => {
      running.delete(started);
      await started.stop();
      rmSync(logFile, { force: true });
    };
    return { ...started, stop, port };
  }

  async function close({ keepFolder }: { keepFolder: boolean }): Promise<void> {
    isClosed = true;
    await Promise.allSettled([...running].map((one) => one.stop()));
    await Promise.allSettled([sink.stop, load.stop, ...closings].map((stop) => stop()));
    if (!keepFolder) rmSync(folder, { recursive: true, force: true });
  }

  return {
    kafka,
    say,
    folder,
    file,
    sink,
    sinkPort,
    load,
    /** What lies ready in a topic, in words, and since when. */
    contents: new Map<string, { what: string; atMs: number }>(),
    start,
    /** What is to be ended with the world. */
    onClose: (stop: () => Promise<void>) => void closings.push(stop),
    close,
    bridgeFile: (settings: { connections: number; concurrency?: number }) =>
      writeBridgeFile(file(`bridge-${settings.connections}-${settings.concurrency ?? 'open'}`), {
        ...settings,
        sinkPort,
      }),
  };
}

/** The bridge's own variables, and those that bench/README.md documents for a peer: a bridge of another commit takes either. */
function environment(options: {
  kafka: BenchKafka;
  settings: RunSettings;
  port: number;
  probesPort: number;
  sinkPort: number;
}): Record<string, string> {
  const { kafka, settings, port, probesPort, sinkPort } = options;
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    KAFKA_BROKERS: kafka.brokers,
    TOPIC_PREFIX: kafka.prefix,
    BRIDGE_CONFIG: settings.bridgeFile,
    INGRESS_PORT: String(port),
    INGRESS_PROBES_PORT: String(probesPort),
    ROUTER_PROBES_PORT: String(probesPort),
    OUTBOUND_PROBES_PORT: String(probesPort),
    PROBES_PORT: String(probesPort),
    PORT: String(port),
    SECRET: verificationKey,
    SIGNATURE_HEADER: signatureHeader,
    TOPIC: settings.topic,
    OUT_TOPIC: settings.outTopic,
    GROUP: settings.groupId,
    BOT_BASE_URL: `http://127.0.0.1:${sinkPort}/bot`,
    FLOW_API_KEY: flowApiKey,
  };
}
