import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { root } from '@bridge/tools/paths';
import type { Options } from '../options.ts';
import type { Run } from '../runs/run.ts';
import { medians, ratios, valid } from './ratios.ts';
import { compared } from './table.ts';

/** Everything that is known of a benchmark, for a file. Where nothing is known, there is nothing. */
export function benchReport(options: {
  options: Options;
  runs: Run[];
  /** Whether the contestants did the same work. */
  compares: boolean;
  kafka: string;
  startedAt: Date;
}): object {
  const { runs, compares, kafka, startedAt } = options;
  return {
    startedAt: startedAt.toISOString(),
    machine: {
      system: `${type()} ${release()}`,
      processors: cpus().length,
      model: cpus()[0]?.model,
      memoryBytes: totalmem(),
    },
    versions: { node: process.version, kafka, commit: commit() },
    options: options.options,
    results: resultsOf(runs, compares),
    runs,
  };
}

/** By setting and contestant: medians, and ratios of the first contestant to each of the others. */
function resultsOf(runs: Run[], compares: boolean): object[] {
  return [...Map.groupBy(runs, ({ setting }) => setting)].map(([setting, ofSetting]) => {
    const byContestant = [...Map.groupBy(ofSetting, ({ contestant }) => contestant)];
    const [first, ours] = byContestant[0] ?? ['', []];
    return {
      setting,
      medians: Object.fromEntries(byContestant.map(([name, its]) => [name, medians(valid(its))])),
      ratios: Object.fromEntries(
        (compares ? byContestant.slice(1) : []).map(([name, its]) => [
          `${first} : ${name}`,
          ratios(valid(ours), valid(its), compared),
        ]),
      ),
    };
  });
}

/** With a plus when something was changed since. */
function commit(): string | undefined {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return undefined;
  }
}
