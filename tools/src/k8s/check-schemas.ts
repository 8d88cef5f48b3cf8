import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localFolder, root } from '../paths.ts';
import { nameOf } from './resource.ts';
import type { Resource } from './resource.ts';

/** Where the types of a kind are: Kubernetes' own, and those of the operators that we write resources for. */
function typesOf({ apiVersion }: Resource): string {
  if (apiVersion.startsWith('keda.sh/')) return `@kubernetes-models/keda/${apiVersion}`;
  if (apiVersion.startsWith('monitoring.coreos.com/')) return `@kubernetes-models/prometheus-operator/${apiVersion}`;
  if (apiVersion.startsWith('kafka.strimzi.io/')) return join(import.meta.dirname, 'strimzi-types.ts');
  return `kubernetes-models/${apiVersion}`;
}

/**
 * The faults of resources by the types that were generated from Kubernetes' own schemas: unknown fields, missing ones, and
 * values of a wrong kind. TypeScript is asked, for unknown fields pass a JSON Schema as these operators publish it.
 */
export async function checkSchemas(resources: Resource[]): Promise<string[]> {
  const folder = mkdtempSync(join(localFolder, 'k8s-types-'));
  try {
    writeFileSync(join(folder, 'resources.ts'), resources.map(declaration).join(''));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const faults = await typeFaults(folder);
    return faults.map((fault) => `${nameOfLine(fault, resources)}: ${fault.replace(/^.*?: /, '')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const settings = {
  extends: join(root, 'tsconfig.base.json'),
  compilerOptions: { noEmit: true, noErrorTruncation: true },
  files: ['resources.ts'],
};

/** One line a resource, so that a fault's line tells whose it is. */
const declaration = (resource: Resource, index: number) =>
  `export const r${index}: import('${typesOf(resource)}').I${resource.kind} = ${JSON.stringify(resource)};\n`;

function nameOfLine(fault: string, resources: Resource[]): string {
  const line = Number(/resources\.ts\((\d+),/.exec(fault)?.[1]);
  const resource = resources[line - 1];
  return resource ? nameOf(resource) : fault;
}

function typeFaults(folder: string): Promise<string[]> {
  return new Promise((resolve) => {
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    execFile(tsc, ['-p', folder, '--pretty', 'false'], (_error, stdout, stderr) => {
      resolve(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('error TS')));
    });
  });
}
