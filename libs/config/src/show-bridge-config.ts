import { dirname, resolve } from 'node:path';
import { Document, isScalar, visit, type Scalar } from 'yaml';
import { describeSecret, type SecretSource } from './bridge-file/secret.ts';
import { ConfigError } from './config-error.ts';
import { readBridgeFile, type BridgeConfigSource } from './read-bridge-file.ts';

type Raw = Record<string, unknown>;
type Given = { nicochat?: Raw; connections: Record<string, Raw> };

const connectionSecrets = ['verificationKeys', 'flowApiKey', 'botUrl', 'chaveApi'];

/**
 * bridge.yaml as the bridge takes it: with every default filled in, and each secret named by where it is and whether it
 * is there. A YAML text that says the same when it stands in the same folder.
 *
 * @throws ConfigError with every fault of the file; a secret that is missing is none
 */
export function showBridgeConfig(source: Omit<BridgeConfigSource<never>, 'secrets'>): string {
  const reading = readBridgeFile({ ...source, secrets: [] });
  if ('faults' in reading) throw new ConfigError(reading.faults);
  const { nicochat, connections, channels, ...rest } = reading.config;
  const given = reading.data as Given;
  const document = new Document(
    {
      ...(nicochat && { nicochat: { ...nicochat, ...pick(given.nicochat, ['chaveApi']) } }),
      connections: Object.fromEntries(
        [...connections.values()].map(({ id, workspace, email, ...settings }) => [
          id,
          { workspace, ...(email && { email }), ...pick(given.connections[id], connectionSecrets), ...settings },
        ]),
      ),
      channels: Object.fromEntries(channels),
      ...rest,
    },
    { aliasDuplicateObjects: false },
  );
  document.commentBefore = ` ${source.path} with every default filled in; secrets are named, not shown.`;
  const folder = dirname(resolve(source.path));
  annotate(document, { folder, env: source.env, wanted: new Set(), stamps: new Map() });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

const pick = (from: Raw | undefined, names: string[]): Raw =>
  Object.fromEntries(names.flatMap((name) => (from?.[name] === undefined ? [] : [[name, from[name]]])));

/** Lists of plain values on one line, and at each reference whether its secret is there. */
function annotate(document: Document, source: SecretSource): void {
  visit(document, {
    Seq(_, list) {
      if (list.items.every(isScalar)) list.flow = true;
    },
    Pair(_, { key, value }) {
      const name = isScalar(key) ? String(key.value) : '';
      if (!isScalar(value)) return;
      // Only references have such keys with a plain value.
      if (name === 'file' || name === 'env') value.comment = ` ${describeSecret(source, { [name]: value.value })}`;
      if (name === 'baseUrl') hideQuery(value);
    },
  });
}

/** It may hold a token. */
function hideQuery(url: Scalar): void {
  const { origin, pathname, search } = new URL(String(url.value));
  if (search === '') return;
  url.value = origin + pathname;
  url.comment = ' and a query, which is not shown';
}
