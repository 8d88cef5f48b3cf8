import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { localFolder, root } from '../paths.ts';
import { findKubectl } from './find-kubectl.ts';
import type { Resource } from './resource.ts';

const run = promisify(execFile);

/** What goes on top of the production overlay, in any choice. */
const components = ['keda', 'monitoring', 'spool', 'kafka-tls'];
const single = ['base', 'overlays/local', 'overlays/production', 'components/strimzi'];

export type Build = { name: string; resources: Resource[] };

/**
 * What kustomize makes of all that one may apply: base, overlays, production with every choice of components, and the local
 * overlay with the one component that needs nothing else.
 */
export async function buildManifests(): Promise<Build[]> {
  const kubectl = await findKubectl();
  mkdirSync(localFolder, { recursive: true });
  const copy = mkdtempSync(join(localFolder, 'k8s-'));
  try {
    cpSync(join(root, 'k8s'), copy, { recursive: true });
    const builds = single.map((name) => build(kubectl, join(copy, name), name));
    for (const chosen of choices(components)) builds.push(buildChoice(kubectl, copy, 'production', chosen));
    builds.push(buildChoice(kubectl, copy, 'local', ['spool']));
    return await Promise.all(builds);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Every choice of at least one. */
function choices(names: string[]): string[][] {
  const [first, ...rest] = names;
  if (first === undefined) return [];
  return [[first], ...choices(rest).flatMap((choice) => [choice, [first, ...choice]])];
}

/** As whoever installs does it: in a copy of the overlay. */
async function buildChoice(kubectl: string, k8s: string, original: string, chosen: string[]): Promise<Build> {
  const overlay = join(k8s, 'overlays', [original, ...chosen].join('-'));
  cpSync(join(k8s, 'overlays', original), overlay, { recursive: true });
  const lines = chosen.map((name) => `  - ../../components/${name}\n`);
  appendFileSync(join(overlay, 'kustomization.yaml'), `\ncomponents:\n${lines.join('')}`);
  return build(kubectl, overlay, `${original} with ${chosen.join(', ')}`);
}

async function build(kubectl: string, folder: string, name: string): Promise<Build> {
  const { stdout } = await run(kubectl, ['kustomize', folder], { maxBuffer: 16 << 20 });
  return { name, resources: parseAllDocuments(stdout).map((document) => document.toJS() as Resource) };
}
