import type { Benchmark } from '../runs/benchmark.ts';
import type { Metrics, Run } from '../runs/run.ts';
import { medians, ratios, valid } from './ratios.ts';

const columns = {
  perSecond: { title: '/s', digits: 0 },
  p50Ms: { title: 'p50 ms', digits: 1 },
  p99Ms: { title: 'p99 ms', digits: 1 },
  cpuPer1000: { title: 'cpu s/1k', digits: 4 },
  brokerCpuPer1000: { title: 'broker s/1k', digits: 4 },
  cores: { title: 'cores', digits: 4 },
  peakMiB: { title: 'peak MiB', digits: 0 },
  residentMiB: { title: 'resident MiB', digits: 0 },
  ofLimit: { title: 'of the limit', digits: 3 },
  mostInFlight: { title: 'in flight', digits: 0 },
  otherCores: { title: 'other', digits: 2 },
  stolenCores: { title: 'stolen', digits: 2 },
  idleCores: { title: 'idle', digits: 2 },
} as const satisfies Record<keyof Metrics, { title: string; digits: number }>;

/** What is compared; the others describe the machine. */
export const compared: (keyof Metrics)[] = [
  'perSecond',
  'cpuPer1000',
  'brokerCpuPer1000',
  'p50Ms',
  'p99Ms',
  'cores',
  'peakMiB',
];

/** For each setting the medians of each contestant, and what the first one is to each of the others. */
export function resultLines(
  runs: Run[],
  { columns: wanted, compares = true }: Pick<Benchmark, 'columns' | 'compares'>,
): string[] {
  const settings = [...new Set(runs.map(({ setting }) => setting))];
  return settings.flatMap((setting) => [
    ...(settings.length > 1 || setting !== '' ? [`${setting}:`] : []),
    ...tableOf(
      runs.filter((run) => run.setting === setting),
      wanted,
      compares,
    ),
    '',
  ]);
}

function tableOf(runs: Run[], wanted: readonly (keyof Metrics)[], compares: boolean): string[] {
  const names = [...new Set(runs.map(({ contestant }) => contestant))];
  const of = (name: string) => valid(runs.filter(({ contestant }) => contestant === name));
  const head = ['', 'valid', ...wanted.map((name) => columns[name].title)];
  const medianRows = names.map((name) => {
    const figures = medians(of(name));
    const count = `${of(name).length}/${runs.filter(({ contestant }) => contestant === name).length}`;
    return [name, count, ...wanted.map((column) => number(figures[column], columns[column].digits))];
  });
  const [first = '', ...others] = names;
  const ratioRows = (compares ? others : []).map((other) => {
    const figures = ratios(of(first), of(other), compared);
    return [`${first} : ${other}`, '', ...wanted.map((column) => number(figures[column], 2, ''))];
  });
  return [...aligned([head, ...medianRows, ...ratioRows]), ...noteLines(runs)];
}

function noteLines(runs: Run[]): string[] {
  return runs.flatMap(({ contestant, repetition, faults, notes }) => [
    ...faults.map((fault) => `NOT VALID: ${contestant}, repetition ${repetition + 1}: ${fault}`),
    ...notes.map((note) => `${contestant}, repetition ${repetition + 1}: ${note}`),
  ]);
}

const number = (value: number | undefined, digits: number, missing = '–') =>
  value === undefined || Number.isNaN(value) ? missing : value.toFixed(digits);

/** The first column to the left, the others to the right. */
function aligned(rows: string[][]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** One run, while the others are still to come. */
export function runLine({ contestant, setting, repetition, metrics, faults, notes }: Run): string {
  const figures = (['perSecond', 'p99Ms', 'cpuPer1000', 'cores', 'peakMiB', 'idleCores'] as const).flatMap((name) => {
    const value = metrics[name];
    return value === undefined ? [] : [`${columns[name].title} ${number(value, columns[name].digits)}`];
  });
  const said = [...faults.map((fault) => `NOT VALID: ${fault}`), ...notes];
  const place = `${repetition + 1} ${setting === '' ? '' : `${setting}, `}${contestant}`;
  return `${place}: ${[...figures, ...said].join(', ')}`;
}
