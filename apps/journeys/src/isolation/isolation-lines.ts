import { connectionIds } from './isolation-world.ts';
import { fareOfGood, most } from './judge-isolation.ts';
import type { Period, TwinRun } from './judge-isolation.ts';
import { isGood, spreadOf } from './timings.ts';
import type { Sample } from './watch-outbound.ts';

/** The run as lines to read: the good connections together and one by one, the bad one, and outbound itself. */
export function isolationLines(run: TwinRun): string[] {
  const { faulty, healthy, bad, after } = run;
  const peak = (title: string, field: keyof Sample) =>
    compared(title, most(faulty.samples, field), most(healthy.samples, field));
  return [
    row(['', 'faulty', 'healthy', 'ratio']),
    ...fareRows('while one is bad', run, bad),
    ...fareRows('after it was healed', run, after),
    'outbound',
    peak('resident memory at most, MiB', 'residentMiB'),
    peak('heap used at most, MiB', 'heapMiB'),
    peak('buffers outside of the heap at most, MiB', 'externalMiB'),
    compared('heap used at the end, MiB', faulty.samples.at(-1)?.heapMiB ?? 0, healthy.samples.at(-1)?.heapMiB ?? 0),
    peak('commands waiting at most', 'unfinished'),
    peak('of one partition', 'fullestWindow'),
    '',
    `p99 of each good one while one is bad, faulty/healthy, ms: ${p99OfEach(run).join(', ')}`,
    ...badOnes(run),
  ];
}

const row = (cells: string[]) =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(48) : cell.padStart(10))).join('');
const compared = (title: string, faulty: number, healthy: number) =>
  row([
    `  ${title}`,
    String(Math.round(faulty)),
    String(Math.round(healthy)),
    healthy === 0 ? '–' : (faulty / healthy).toFixed(2),
  ]);
const secondsOf = ({ from, to }: Period) => `${Math.round((to - from) / 1_000)} s`;

function fareRows(when: string, { faulty, healthy }: TwinRun, period: Period): string[] {
  const [one, other] = [fareOfGood(faulty, period), fareOfGood(healthy, period)];
  return [
    `the 19 good ones, ${when} (${secondsOf(period)})`,
    compared('commands', one.count, other.count),
    compared('results', one.results, other.results),
    compared('p50, ms', one.p50, other.p50),
    compared('p99, ms', one.p99, other.p99),
    compared('longest, ms', one.longest, other.longest),
  ];
}

function p99OfEach({ faulty, healthy, bad }: TwinRun): string[] {
  const p99 = ({ account }: TwinRun['faulty'], id: string) =>
    spreadOf(
      account.timings.filter(({ connection, sentAt }) => connection === id && sentAt >= bad.from && sentAt < bad.to),
    ).p99;
  return connectionIds
    .filter((id) => isGood({ connection: id }))
    .map((id) => `${id} ${p99(faulty, id)}/${p99(healthy, id)}`);
}

function badOnes({ faulty, bad }: TwinRun): string[] {
  const { timings, deadLetters } = faulty.account;
  const own = timings.filter((timing) => !isGood(timing) && timing.sentAt >= bad.from && timing.sentAt < bad.to);
  const meanwhile = own.filter(({ settledAt }) => settledAt < bad.to).length;
  const last = Math.max(bad.to, ...own.map(({ settledAt }) => settledAt));
  const reasons = [...Map.groupBy(deadLetters, ({ reason }) => reason)].map(
    ([reason, all]) => `${all.length} ${reason}`,
  );
  return [
    `the bad one: ${own.length} commands while it was bad, ${meanwhile} of them settled meanwhile, the last ${secondsOf({ from: bad.to, to: last })} after it was healed`,
    `dead letters: ${reasons.join(', ') || 'none'}`,
  ];
}
