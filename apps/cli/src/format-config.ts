import type { BridgeConfig, Connection, Route } from '@bridge/config';

/** What bridge.yaml says, in short and without its secrets. */
export function formatConfig(path: string, config: BridgeConfig): string[] {
  const { nicochat, connections, channels, routes, defaultChannel } = config;
  return [
    `OK ${path}`,
    `nicochat: ${nicochat ? formatNicochat(nicochat) : 'not given, so that `bridge webhook` can not be used'}`,
    `connections: ${connections.size}`,
    ...[...connections.values()].map((connection) => `  ${formatConnection(connection)}`),
    `channels with settings of their own: ${channels.size}`,
    ...[...channels].map(([id, channel]) => `  ${id}: ${formatChannel(channel)}`),
    `routes, the first that matches wins: ${routes.length}`,
    ...routes.map((route) => `  ${formatRoute(route)}`),
    `default channel: ${defaultChannel ?? 'none, so that events without a route become dead letters'}`,
  ];
}

function formatNicochat({ baseUrl, publicUrl }: NonNullable<BridgeConfig['nicochat']>): string {
  const { origin = '', pathname = '' } = URL.parse(baseUrl) ?? {};
  return `${origin}${pathname}, ingress seen at ${publicUrl ?? '(no publicUrl)'}`;
}

function formatConnection({ id, workspace, signature, onUnknownOutcome }: Connection): string {
  const scheme = `${signature.algorithm} of ${signature.signedContent} in ${signature.headers.join(', ')}`;
  return `${id}: workspace ${workspace}; signature ${signature.mode}, ${scheme}; on unknown outcome ${onUnknownOutcome}`;
}

function formatChannel({ topic, acceptsUnverified }: { topic?: string; acceptsUnverified: boolean }): string {
  const where = topic === undefined ? 'shared topic' : `topic ${topic}`;
  return acceptsUnverified ? `${where}, accepts unverified events` : where;
}

function formatRoute({ name, when, channel }: Route): string {
  const conditions = Object.entries(when).map(([field, values]) => `${field} ${values.join(' or ')}`);
  return `${name}: ${conditions.join(', ') || 'everything'} → ${channel}`;
}
