import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoPorts } from './demo-ports.ts';
import { localFolder, root } from './paths.ts';

const folder = join(root, 'tools', 'demo');
const filesWithPorts = ['bridge.yaml', 'secrets/demo/bot-url'];

/** The demo's bridge.yaml: the one in tools/demo, or a copy of it with other ports. */
export function demoConfig({ INGRESS_PORT, SIMULATOR_PORT }: DemoPorts): string {
  if (INGRESS_PORT === 8080 && SIMULATOR_PORT === 8090) return join(folder, 'bridge.yaml');
  const copy = join(localFolder, 'demo');
  cpSync(folder, copy, { recursive: true });
  for (const file of filesWithPorts) {
    const text = readFileSync(join(folder, file), 'utf8');
    writeFileSync(
      join(copy, file),
      text.replaceAll(/:(8080|8090)\b/g, (_, port) => `:${port === '8080' ? INGRESS_PORT : SIMULATOR_PORT}`),
    );
  }
  return join(copy, 'bridge.yaml');
}
