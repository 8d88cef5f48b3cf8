import { parseArgs } from 'node:util';
import type { BaselineOption } from './world/baseline.ts';

export const benchmarkNames = ['ingress', 'router', 'outbound'] as const;
export type BenchmarkName = (typeof benchmarkNames)[number];

export type Options = {
  benchmark: BenchmarkName;
  repetitions: number;
  seconds: number;
  warmUpSeconds: number;
  sockets: number;
  backlog: number;
  conversations: number;
  latenciesMs: number[];
  baselines: BaselineOption[];
  /** Contestants; all when empty. */
  only: string[];
  jsonFile: string | undefined;
  plotsFolder: string | undefined;
};

export const usage = `npm run bench -- ${benchmarkNames.join('|')} [options]

  ingress     signed webhooks of 1 KB → inbound-events, acks=all
  router      a backlog of inbound events → channel-messages, exactly once
  outbound    a backlog of send commands → a sink, in order per conversation

  --reps N               repetitions; all contestants take turns in each (3)
  --seconds N            how long one measurement lasts (15)
  --warm-up N            seconds before it that do not count (4)
  --baseline NAME=WHAT   a peer beside the bridge, may be repeated; WHAT is a command for sh, or, for ingress, the
                         http:// address of one that runs already. bench/README.md has what it is told
  --only A,B             only these contestants; the bridge is always among them
  --conns N              sockets of the load generator (64)
  --backlog N            records that lie ready for router and outbound (200000)
  --conversations N      (100)
  --latency A,B          outbound: milliseconds that the sink takes for a call (50,0)
  --json FILE            everything: machine, settings, each run, medians, ratios
  KAFKA_BROKERS          the Kafka to use; without, one is started`;

/** The options of the command line; undefined when only help is wanted. @throws {Error} that says what is wrong */
export function readOptions(args: string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      reps: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '15' },
      'warm-up': { type: 'string', default: '4' },
      conns: { type: 'string', default: '64' },
      backlog: { type: 'string', default: '200000' },
      conversations: { type: 'string', default: '100' },
      latency: { type: 'string', default: '50,0' },
      baseline: { type: 'string', multiple: true, default: [] },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      plots: { type: 'string' },
    },
  });
  if (values.help) return undefined;
  const benchmark = benchmarkNames.find((name) => name === positionals[0]);
  if (benchmark === undefined || positionals.length > 1) {
    throw new Error(`name one benchmark: ${benchmarkNames.join(', ')}`);
  }
  return {
    benchmark,
    repetitions: numberOption('reps', values.reps, 1, 100),
    seconds: numberOption('seconds', values.seconds, 0.5, 3_600),
    warmUpSeconds: numberOption('warm-up', values['warm-up'], 0, 600),
    sockets: numberOption('conns', values.conns, 1, 10_000),
    backlog: numberOption('backlog', values.backlog, 100, 100_000_000),
    conversations: numberOption('conversations', values.conversations, 1, 1_000_000),
    latenciesMs: listOf(values.latency).map((text) => numberOption('latency', text, 0, 60_000)),
    baselines: values.baseline.map(baselineOption),
    only: listOf(values.only),
    jsonFile: values.json,
    plotsFolder: values.plots,
  };
}

const listOf = (text: string) => text.split(',').flatMap((one) => one.trim() || []);

function numberOption(name: string, text: string, lowest: number, highest: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= lowest && value <= highest) return value;
  throw new Error(`--${name} must be a number from ${lowest} to ${highest}, not "${text}"`);
}

function baselineOption(text: string): BaselineOption {
  const [, name, command] = /^([\w.-]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || command === undefined || name === 'bridge') {
    throw new Error(`--baseline must be NAME=COMMAND or NAME=http://…, with a name of its own, not "${text}"`);
  }
  return { name, command };
}
