import { dirname, resolve } from 'node:path';
import type { BridgeConfig, Connection, NicoChat, SecretName } from './bridge-config.ts';
import { findings, type Finding } from './bridge-file/fields.ts';
import { fileSchema } from './bridge-file/file-schema.ts';
import { repeatedNames } from './bridge-file/routes.ts';
import { readYaml, type Path, type YamlFault } from './bridge-file/yaml-file.ts';
import type { ConfigFault } from './config-error.ts';
import type { Env } from './read-env.ts';
import { readStamped, type Stamps } from './stamped-files.ts';

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

/** What bridge.yaml and the files of its secrets said: plain data, with which a worker can answer. */
export type Reading<S extends SecretName> = { stamps: Stamps } & (
  | {
      config: BridgeConfig<S>;
      /** The file's content as data, with its references to secrets. */
      data: unknown;
    }
  | { faults: ConfigFault[] }
);

/** Reads bridge.yaml whole, with the secrets that this process needs, or finds every fault of it by line and column. */
export function readBridgeFile<const S extends SecretName = never>(source: BridgeConfigSource<S>): Reading<S> {
  const stamps: Stamps = new Map();
  const text = readText(source.path, stamps);
  if ('fault' in text) return { stamps, faults: [text.fault] };
  const yaml = readYaml(text.text);
  const parsed = yaml.data === undefined ? undefined : parse(yaml.data, source, stamps);
  const found = (parsed?.findings ?? []).map(({ path, message }): YamlFault => {
    const place = path.map((part) => (typeof part === 'number' ? part : String(part)));
    return { path: place, message, position: yaml.positionOf(place) };
  });
  const faults = [...yaml.faults, ...found];
  if (parsed?.config && faults.length === 0) return { stamps, config: parsed.config, data: yaml.data };
  return {
    stamps,
    faults: faults
      .toSorted((a, b) => a.position.line - b.position.line || a.position.column - b.position.column)
      .map(({ position, path, message }) => ({
        where: `${source.path}:${position.line}:${position.column}${path.length > 0 ? ` ${written(path)}` : ''}`,
        message,
      })),
  };
}

/**
 * One connection with its secrets as they are now, by what bridge.yaml said when it was read; undefined when one of them
 * can't be used.
 */
export function rereadConnection<const S extends SecretName>(
  source: BridgeConfigSource<S>,
  data: unknown,
  id: string,
): Connection<S> | undefined {
  const { nicochat, connections, egress } = data as Record<string, Record<string, unknown>>;
  const part = { ...(nicochat && { nicochat }), ...(egress && { egress }), connections: { [id]: connections?.[id] } };
  return parse(part, source, new Map()).config?.connections.get(id);
}

function parse<S extends SecretName>(
  data: unknown,
  source: BridgeConfigSource<S>,
  stamps: Stamps,
): { config?: BridgeConfig<S>; findings: Finding[] } {
  const raw: Record<string, unknown> = typeof data === 'object' ? { ...data } : {};
  const { path, env, secrets, allowUnsigned } = source;
  const secretSource = { folder: dirname(resolve(path)), env, wanted: new Set<SecretName>(secrets), stamps };
  const parsed = fileSchema(raw, secretSource, allowUnsigned).safeParse(data);
  const repeated: Finding[] = repeatedNames(raw['routes']);
  if (!parsed.success) return { findings: [...findings(parsed.error), ...repeated] };

  const { nicochat, connections, channels, routes, defaultChannel: channel, egress, log } = parsed.data;
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
    ...(log && { log: defined(log) }),
  };
  return { config, findings: repeated };
}

function readText(path: string, stamps: Stamps): { text: string } | { fault: ConfigFault } {
  try {
    return { text: readStamped(path, stamps) };
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    const reason = code === 'ENOENT' ? 'does not exist' : `can't be read (${code})`;
    return { fault: { where: path, message: `${reason}: BRIDGE_CONFIG names the file to use` } };
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
