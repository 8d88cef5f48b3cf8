import { join } from 'node:path';
import type { Options } from '../options.ts';
import type { Measurable } from '../runs/benchmark.ts';
import type { Measured } from '../runs/run.ts';
import { baseline, commandContestant } from '../world/baseline.ts';
import type { Contestant } from '../world/contestant.ts';

/** A baseline that comes with the benchmark. */
export const builtIn = (name: string, promises: Contestant['promises']): Contestant =>
  commandContestant({
    name,
    promises,
    command: [process.execPath, join(import.meta.dirname, '../baselines', `${name}.ts`)],
  });

/** The bridge first: what is compared is the first one with the others. */
export function contestants({ baselines, only }: Options, bridge: Contestant, ...builtIns: Contestant[]): Contestant[] {
  const all = [...baselines.map(baseline), ...builtIns];
  requireKnown(
    only,
    [bridge, ...all].map(({ name }) => name),
  );
  return [bridge, ...all.filter(({ name }) => only.length === 0 || only.includes(name))];
}

/** Those of `all` that `--only` names, all when it names none. @throws {Error} when it names what there is not */
export function chosen<const Name extends string>(only: string[], all: readonly Name[]): Name[] {
  requireKnown(only, all);
  return all.filter((name) => only.length === 0 || only.includes(name));
}

function requireKnown(only: string[], all: readonly string[]): void {
  const unknown = only.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`--only knows no ${unknown.join(', ')}; there are: ${all.join(', ')}`);
}

/** Contestants that are all measured in the same way. */
export const measuredBy = (
  all: Contestant[],
  measure: (contestant: Contestant, setting: string) => Promise<Measured>,
): Measurable[] =>
  all.map((contestant) => ({ name: contestant.name, measure: (setting) => measure(contestant, setting) }));
