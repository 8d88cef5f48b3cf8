import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

export type Project = { name: string; report: string };

/** The workspaces that have tests, with the place of their reports. */
export function projectsWithTests(): Project[] {
  const { workspaces } = readPackage(root);
  return globSync(workspaces, { cwd: root })
    .toSorted()
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => ({ ...readPackage(join(root, folder)), folder }))
    .filter(({ scripts }) => scripts['test'] !== undefined)
    .map(({ name, folder }) => ({ name, report: join(root, folder, 'test-results', 'vitest.json') }));
}

const readPackage = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    workspaces: string[];
    scripts: Record<string, string>;
  };
