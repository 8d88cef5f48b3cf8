import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What contestants and load agree on. Nobody else is let in anywhere with these. */
export const verificationKey = 'bench-verification-key';
export const flowApiKey = 'bench-flow-api-key';
export const signatureHeader = 'x-hub-signature-256';

/** `company-1`, `company-2`, … */
export const connectionIds = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `company-${index + 1}`);

/** Where the sink takes what is for a connection. */
const botUrl = (sinkPort: number, connection: string) => `http://127.0.0.1:${sinkPort}/bot/${connection}`;

/**
 * Writes a bridge.yaml into a new folder. Its limits are so high that only the order limits, unless the concurrency is
 * told; else everything is as it comes.
 */
export function writeBridgeFile(
  folder: string,
  options: { connections: number; sinkPort: number; concurrency?: number },
): string {
  mkdirSync(folder, { recursive: true });
  const secret = (name: string, value: string) => {
    writeFileSync(join(folder, name), value);
    return { file: name };
  };
  const key = secret('verification-key', verificationKey);
  const flowKey = secret('flow-api-key', flowApiKey);
  const connections = connectionIds(options.connections).map((id, index) => [
    id,
    {
      workspace: 1_000 + index,
      verificationKeys: [key],
      flowApiKey: flowKey,
      botUrl: secret(`bot-url-${id}`, botUrl(options.sinkPort, id)),
      limits: { requestsPerSecond: 1_000_000, burst: 1_000_000, concurrency: options.concurrency ?? 1_000 },
    },
  ]);
  const file = {
    connections: Object.fromEntries(connections) as object,
    routes: [{ name: 'agents', when: { author: 'agent' }, channel: 'support' }],
    defaultChannel: 'triage',
    egress: { allow: ['127.0.0.1/32'] },
  };
  const path = join(folder, 'bridge.yaml');
  // JSON is YAML too.
  writeFileSync(path, JSON.stringify(file, null, 2));
  return path;
}
