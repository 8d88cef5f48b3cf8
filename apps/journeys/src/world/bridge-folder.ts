import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretOf } from './private-values.ts';

/** One connection of a journey: what bridge.yaml and the simulator's workspace say beyond the usual. */
export type ConnectionOptions = { bridge?: Record<string, unknown>; workspace?: Record<string, unknown> };

/** What bridge.yaml says of routing, as it is written there. */
export type Routing = {
  channels?: Record<string, { topic?: string; acceptsUnverified?: boolean }>;
  routes?: { name: string; when: Record<string, unknown>; channel: string }[];
  defaultChannel?: string;
};

export type Connection = {
  id: string;
  workspace: string;
  verificationKey: string;
  flowApiKey: string;
  botUrl: string;
  webhookUrl: string;
};

export const chaveApi = secretOf('chave-of-the-journeys');
const email = 'dono@exemplo.com.br';

const botCodeOf = (workspace: string) => secretOf(`bot-${workspace}`);

/** A connection's ids, keys and addresses, all made from its id and place. */
export function connectionOf(id: string, index: number, ports: { simulator: number; ingress: number }): Connection {
  const workspace = String(4_800 + index);
  return {
    id,
    workspace,
    verificationKey: secretOf(`verification-key-of-${id}`),
    flowApiKey: secretOf(`flow-api-key-of-${id}`),
    botUrl: `http://127.0.0.1:${ports.simulator}/bot/${botCodeOf(workspace)}`,
    webhookUrl: `http://127.0.0.1:${ports.ingress}/webhooks/${id}`,
  };
}

/** A temporary folder with bridge.yaml, the files of its secrets, and the simulator's workspaces. */
export function createBridgeFolder(options: {
  connections: { connection: Connection; options: ConnectionOptions }[];
  routing: Routing;
  ports: { simulator: number; ingress: number };
}) {
  const { connections, routing, ports } = options;
  const folder = mkdtempSync(join(tmpdir(), 'bridge-journey-'));
  const secret = (name: string, value: string) => {
    writeFileSync(join(folder, name), value);
    return { file: name };
  };
  const bridge = {
    nicochat: {
      baseUrl: `http://127.0.0.1:${ports.simulator}/api/apichat`,
      publicUrl: `http://127.0.0.1:${ports.ingress}`,
      chaveApi: secret('chave-api', chaveApi),
    },
    connections: Object.fromEntries(
      connections.map(({ connection, options: { bridge: given } }) => [
        connection.id,
        {
          workspace: Number(connection.workspace),
          email,
          verificationKeys: [secret(`${connection.id}-verification-key`, connection.verificationKey)],
          flowApiKey: secret(`${connection.id}-flow-api-key`, connection.flowApiKey),
          botUrl: secret(`${connection.id}-bot-url`, connection.botUrl),
          // A journey is not about limits, unless it says so.
          limits: { requestsPerSecond: 10_000, burst: 10_000, concurrency: 50 },
          ...given,
        },
      ]),
    ),
    ...routing,
    egress: { allow: ['127.0.0.1/32'] },
  };
  const workspaces = connections.map(({ connection, options: { workspace } }) => ({
    id: connection.workspace,
    email,
    chaveApi,
    botCode: botCodeOf(connection.workspace),
    flowApiKey: connection.flowApiKey,
    webhook: { url: connection.webhookUrl, verificationKey: connection.verificationKey },
    ...workspace,
  }));
  const write = (name: string, content: unknown) => {
    // JSON is YAML too.
    writeFileSync(join(folder, name), JSON.stringify(content, null, 2));
    return join(folder, name);
  };
  return {
    folder,
    bridgeFile: write('bridge.yaml', bridge),
    workspacesFile: write('workspaces.json', workspaces),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
