import type { LogLevel } from './log-level.ts';

/** A key by which webhooks are signed, and from when on it no longer verifies. */
export type VerificationKey = { key: string; expiresAt?: Date };

/** The secrets of bridge.yaml; a process resolves only those that it needs. */
export type Secrets = {
  /** The first is current; all of them verify, each until it expires. */
  verificationKeys: VerificationKey[];
  flowApiKey: string;
  botUrl: string;
  /** The connection's own, else `nicochat.chaveApi`. */
  chaveApi: string;
};

export type SecretName = keyof Secrets;

/** How a connection's webhooks are signed, and what happens to those that are not. */
export type SignatureSettings = {
  headers: string[];
  algorithm: 'sha256' | 'sha1' | 'sha512';
  encoding: 'hex' | 'base64' | 'either';
  prefix: string;
  signedContent: 'body' | 'timestamp.body';
  timestampHeader: string;
  toleranceSeconds: number;
  mode: 'enforce' | 'monitor' | 'off';
  /** How many requests of each shape the ingress keeps in memory, for the operator to look at; 0: none. */
  capture: number;
};

/** A NicoChat workspace linked by the API channel. */
export type Connection<S extends SecretName = never> = {
  id: string;
  workspace: number | string;
  email?: string;
  signature: SignatureSettings;
  limits: { requestsPerSecond: number; burst: number; concurrency: number };
  onUnknownOutcome: 'resend' | 'hold';
  conversationId: 'number' | 'string';
  mediaShape: 'chatwoot-attachments';
} & Pick<Secrets, S>;

/** The management API, by which webhooks are registered. */
export type NicoChat<S extends SecretName = never> = {
  baseUrl: string;
  publicUrl?: string;
  actions: { get: string; set: string; delete: string };
  /** The name of the key's field in request bodies. */
  keyField: string;
} & Pick<Secrets, S & 'chaveApi'>;

/** A channel that has settings of its own. Any other valid id is a channel too. */
export type Channel = { topic?: string; acceptsUnverified: boolean };

export type RouteField = 'connection' | 'author' | 'kind' | 'conversation' | 'contact';

/** The first route whose `when` fields all match wins; a field matches when one of its values is the event's. */
export type Route = { name: string; when: Partial<Record<RouteField, string[]>>; channel: string };

export type BridgeConfig<S extends SecretName = never> = {
  /** Always there when `chaveApi` is among the secrets asked for. */
  nicochat?: NicoChat<S>;
  connections: ReadonlyMap<string, Connection<S>>;
  channels: ReadonlyMap<string, Channel>;
  routes: Route[];
  defaultChannel?: string;
  /** Hosts, addresses and CIDRs where http and private addresses are permitted. */
  egress: { allow: string[] };
  /** Where it says nothing, the environment's level holds. */
  log?: { level?: LogLevel };
};
