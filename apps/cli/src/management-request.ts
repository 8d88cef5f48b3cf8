import type { BridgeConfig, Connection } from '@bridge/config';
import type { ManagementAction } from '@bridge/schemas';
import { CommandError } from './command-error.ts';
import type { ManagementCall } from './management-call.ts';

/** The connection of bridge.yaml with this id. Throws a CommandError that lists those there are. */
export function connectionOf<C>(connections: ReadonlyMap<string, C>, id: string): C {
  const connection = connections.get(id);
  if (connection !== undefined) return connection;
  const known = [...connections.keys()].join(', ') || 'none';
  throw new CommandError(`there is no connection "${id}" in bridge.yaml; it has: ${known}`, 'configuration');
}

/**
 * A request about one connection's webhook.
 * Throws a CommandError when bridge.yaml does not say enough.
 */
export function managementRequest(
  config: BridgeConfig<'chaveApi'>,
  connection: Connection<'chaveApi'>,
  action: ManagementAction,
  webhook?: { url: string; verificationKey: string },
): ManagementCall {
  const { nicochat } = config;
  const { id, email, workspace, chaveApi: key } = connection;
  if (nicochat === undefined) {
    throw new CommandError(
      'bridge.yaml has no nicochat section: add nicochat.baseUrl and nicochat.chaveApi',
      'configuration',
    );
  }
  if (email === undefined) {
    throw new CommandError(`connections.${id} has no email: add the e-mail of its workspace`, 'configuration');
  }
  const url = new URL(nicochat.baseUrl);
  url.searchParams.set('action', nicochat.actions[action]);
  const { allow } = config.egress;
  const call = { action, url, key, keyField: nicochat.keyField, allow };
  if (webhook === undefined) return { ...call, body: { workspace, email }, secrets: [key] };
  const body = { workspace, email, webhook_url: webhook.url, webhook_verification_key: webhook.verificationKey };
  return { ...call, body, secrets: [key, webhook.verificationKey] };
}

/** Where NicoChat reaches the ingress for this connection. Throws a CommandError when bridge.yaml does not say. */
export function webhookUrl(config: BridgeConfig, connectionId: string): string {
  const publicUrl = config.nicochat?.publicUrl;
  if (publicUrl === undefined) {
    throw new CommandError(
      'bridge.yaml does not say where NicoChat reaches the ingress: add nicochat.publicUrl, such as https://bridge.example',
      'configuration',
    );
  }
  return `${publicUrl.replace(/\/+$/, '')}/webhooks/${connectionId}`;
}
