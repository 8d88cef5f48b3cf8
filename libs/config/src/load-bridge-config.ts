import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { BridgeConfig, Connection, NicoChat, SecretName } from './bridge-config.ts';
import { channelsSection, defaultChannel } from './bridge-file/channels.ts';
import { connectionsSection } from './bridge-file/connections.ts';
import { calledUrlFault, egressSection } from './bridge-file/egress.ts';
import { findings, section, type Finding } from './bridge-file/fields.ts';
import { nicochatSection } from './bridge-file/nicochat.ts';
import { repeatedNames, routesSection } from './bridge-file/routes.ts';
import { readYaml, type Path, type YamlFault } from './bridge-file/yaml-file.ts';
import { ConfigError } from './config-error.ts';
import type { Env } from './read-env.ts';

export type BridgeConfigSource<S extends SecretName> = {
  /** Of bridge.yaml. Files that it names are relative to its folder. */
  path: string;
  /** Where `{ env: NAME }` is looked up. */
  env: Env;
  /** The secrets that this process needs: they must be there, and no other is looked at. */
  secrets: readonly S[];
  /** Whether `signature.mode: off` is permitted. */
  allowUnsigned: boolean;
};

/**
 * Reads bridge.yaml whole, with the secrets that this process needs.
 *
 * @throws ConfigError with every fault of the file, by line and column
 */
export function loadBridgeConfig<const S extends SecretName = never>(source: BridgeConfigSource<S>): BridgeConfig<S> {
  const yaml = readYaml(readFile(source.path));
  const parsed = yaml.data === undefined ? undefined : parse(yaml.data, source);
  const found = (parsed?.findings ?? []).map(({ path, message }): YamlFault => {
    const place = path.map((part) => (typeof part === 'number' ? part : String(part)));
    return { path: place, message, position: yaml.positionOf(place) };
  });
  const faults = [...yaml.faults, ...found];
  if (parsed?.config && faults.length === 0) return parsed.config;
  throw new ConfigError(
    faults
      .toSorted((a, b) => a.position.line - b.position.line || a.position.column - b.position.column)
      .map(({ position, path, message }) => ({
        where: `${source.path}:${position.line}:${position.column}${path.length > 0 ? ` ${written(path)}` : ''}`,
        message,
      })),
  );
}

function parse<S extends SecretName>(data: unknown, source: BridgeConfigSource<S>) {
  const raw: Record<string, unknown> = typeof data === 'object' ? { ...data } : {};
  const parsed = fileSchema(raw, source).safeParse(data);
  const repeated: Finding[] = repeatedNames(raw['routes']);
  if (!parsed.success) return { findings: [...findings(parsed.error), ...repeated] };

  const { nicochat, connections, channels, routes, defaultChannel: channel, egress } = parsed.data;
  const config: BridgeConfig<S> = {
    // The schema requires exactly the secrets of S, which the types of zod can't follow.
    ...(nicochat && { nicochat: defined(nicochat) as object as NicoChat<S> }),
    connections: new Map(
      [...connections].map(([id, given]) => {
        const chaveApi = given.chaveApi ?? nicochat?.chaveApi;
        return [id, defined({ id, ...given, chaveApi }) as object as Connection<S>];
      }),
    ),
    channels: new Map([...channels].map(([id, given]) => [id, defined(given)])),
    routes: routes.map((route) => ({ ...route, when: defined(route.when) })),
    ...(channel !== undefined && { defaultChannel: channel }),
    egress,
  };
  return { config, findings: repeated };
}

function fileSchema(
  raw: Record<string, unknown>,
  { path, env, secrets, allowUnsigned }: BridgeConfigSource<SecretName>,
) {
  const source = { folder: dirname(resolve(path)), env, wanted: new Set<SecretName>(secrets) };
  const allowed = egressSection.safeParse(raw['egress'] ?? {}).data?.allow;
  const urlFault = (url: string) => calledUrlFault(url, allowed);
  const ids = raw['connections'];
  const nicochat = nicochatSection(source, urlFault);
  return section({
    nicochat: source.wanted.has('chaveApi') ? nicochat : nicochat.optional(),
    connections: connectionsSection({ source, allowUnsigned, urlFault }),
    channels: channelsSection().prefault({}),
    routes: routesSection(typeof ids === 'object' && ids !== null ? Object.keys(ids) : undefined).default([]),
    defaultChannel: defaultChannel().optional(),
    egress: egressSection.prefault({}),
  });
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    const reason = code === 'ENOENT' ? 'does not exist' : `can't be read (${code})`;
    throw new ConfigError([{ where: path, message: `${reason}: BRIDGE_CONFIG names the file to use` }]);
  }
}

/** A path as it is written in messages: `routes[1].when.connection`. */
function written(path: Path): string {
  return path
    .map((part) => {
      if (typeof part === 'number') return `[${part}]`;
      return /^[\w-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
    })
    .join('')
    .replace(/^\./, '');
}

/** Without the keys whose value is undefined, as exactOptionalPropertyTypes wants it. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
