import { parseArgs } from 'node:util';
import type { BaselineOption } from './world/baseline.ts';

export const benchmarkNames = ['ingress', 'router', 'outbound', 'end-to-end', 'isolation', 'idle', 'scaling'] as const;
export type BenchmarkName = (typeof benchmarkNames)[number];

export type Options = {
  benchmark: BenchmarkName;
  repetitions: number;
  /** What suits the benchmark when undefined. */
  seconds: number | undefined;
  warmUpSeconds: number;
  sockets: number;
  backlog: number;
  /** What suits the benchmark when undefined. */
  conversations: number | undefined;
  latenciesMs: number[];
  baselines: BaselineOption[];
  /** Contestants; all when empty. */
  only: string[];
  jsonFile: string | undefined;
  plotsFolder: string | undefined;
  profileFolder: string | undefined;
};

export const usage = `npm run bench -- ${benchmarkNames.join('|')} [options]

  ingress     signed webhooks of 1 KB → inbound-events, acks=all
  router      a backlog of inbound events → channel-messages, exactly once
  outbound    a backlog of send commands → a sink, in order per conversation
  end-to-end  webhook sent → channel message read, and command produced → bot called: how long that takes at 10 %, 50 %
              and 90 % of what the bridge can do, beside a bare produce → fetch
  isolation   outbound with 20 connections: healthy, and with one of them at 5 s a call
  idle        what ingress, router and outbound cost while they have nothing to do
  scaling     1, 2, 4 instances; 1 to 1,000 connections; 100 to 100,000 conversations; a backlog of 10,000 to 200,000

  --reps N               repetitions; all contestants take turns in each (3)
  --seconds N            how long one measurement lasts (15; idle: 30)
  --warm-up N            seconds before it that do not count (4)
  --baseline NAME=WHAT   a peer beside the bridge, may be repeated; WHAT is a command for sh, or, for ingress, the
                         http:// address of one that runs already. bench/README.md has what it is told
  --only A,B             only these contestants, the bridge always among them; end-to-end: only webhook or command;
                         idle: only these apps; scaling: only instances, connections, conversations or backlog
  --conns N              sockets of the load generator (64)
  --backlog N            records that lie ready for router and outbound (200000)
  --conversations N      (100; isolation: 40)
  --latency A,B          outbound: milliseconds that the sink takes for a call (50,0)
  --json FILE            everything: machine, settings, each run, medians, ratios
  --plots FOLDER         scaling: a chart of each series, as SVG
  --profile FOLDER       a CPU profile of the bridge's processes in each run, for any DevTools; it costs some of the rate
  KAFKA_BROKERS          the Kafka to use; without, one is started`;

/** The options of the command line; undefined when only help is wanted. @throws {Error} that says what is wrong */
export function readOptions(args: string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      reps: { type: 'string', default: '3' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string', default: '4' },
      conns: { type: 'string', default: '64' },
      backlog: { type: 'string', default: '200000' },
      conversations: { type: 'string' },
      latency: { type: 'string', default: '50,0' },
      baseline: { type: 'string', multiple: true, default: [] },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      plots: { type: 'string' },
      profile: { type: 'string' },
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
    seconds: optional(values.seconds, (text) => numberOption('seconds', text, 0.5, 3_600)),
    warmUpSeconds: numberOption('warm-up', values['warm-up'], 0, 600),
    sockets: numberOption('conns', values.conns, 1, 10_000),
    backlog: numberOption('backlog', values.backlog, 100, 100_000_000),
    conversations: optional(values.conversations, (text) => numberOption('conversations', text, 1, 1_000_000)),
    latenciesMs: listOf(values.latency).map((text) => numberOption('latency', text, 0, 60_000)),
    baselines: values.baseline.map(baselineOption),
    only: listOf(values.only),
    jsonFile: values.json,
    plotsFolder: values.plots,
    profileFolder: values.profile,
  };
}

const optional = <T>(text: string | undefined, read: (text: string) => T) =>
  text === undefined ? undefined : read(text);

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
