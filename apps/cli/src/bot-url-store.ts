import { InvalidArgumentError } from 'commander';
import type { CommandContext } from './command-context.ts';
import { writePrivateFile } from './private-file.ts';

/** The path of a place written `file:<path>`, as an option of commander. */
export function filePlace(text: string): string {
  const path = /^file:(.+)$/.exec(text)?.[1];
  if (path !== undefined) return path;
  throw new InvalidArgumentError('It must be file:<path>.');
}

/** The name of a Secret written `secret/<name>`, as an option of commander. */
export function secretName(text: string): string {
  const name = /^secret\/([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)$/.exec(text)?.[1];
  if (name !== undefined) return name;
  throw new InvalidArgumentError('It must be secret/<name>, the name as Kubernetes takes it.');
}

export type BotUrlPlaces = { storeBotUrl?: string | undefined; as?: string | undefined };

/** Puts `bot_url` where it was told to, and tells so; the manifest of a Secret is the only thing that is printed. */
export function storeBotUrl(
  botUrl: string,
  { connection, storeBotUrl: path, as: secret }: BotUrlPlaces & { connection: string },
  context: CommandContext,
): void {
  if (path !== undefined) {
    const changed = writePrivateFile(path, `${botUrl}\n`);
    context.note(changed ? `Wrote bot_url into ${path}.` : `${path} has this bot_url already.`);
  }
  if (secret === undefined) return;
  const key = `${connection}-bot-url`;
  for (const line of secretManifest(secret, key, botUrl)) context.print(line);
  context.note(`For: kubectl apply --server-side --field-manager=${key} -f -`);
}

/** Applied by the server, under a manager of its own, it leaves the Secret's other keys alone. */
function secretManifest(name: string, key: string, value: string): string[] {
  return [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    // Quoted: `123`, `true` and `1e3` are names as well.
    `  name: "${name}"`,
    'data:',
    `  ${key}: ${Buffer.from(value).toString('base64')}`,
  ];
}
