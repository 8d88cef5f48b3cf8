import type { ManagementData } from '@bridge/schemas';
import type { Command } from 'commander';
import { filePlace, secretName, storeBotUrl } from '../bot-url-store.ts';
import type { BotUrlPlaces } from '../bot-url-store.ts';
import type { CommandContext } from '../command-context.ts';
import { formatWebhook, webhookWarnings } from '../format-webhook.ts';
import { callManagement } from '../management-call.ts';
import { connectionOf, managementRequest } from '../management-request.ts';
import { wholeNumber } from '../option-values.ts';
import { registerWebhook } from '../register-webhook.ts';
import { readBridgeConfig } from '../settings.ts';

type BotUrlOptions = BotUrlPlaces & { showBotUrl?: boolean };
type SetOptions = BotUrlOptions & { generateKey?: string; check: boolean; waitSeconds?: number };

const setHelp = `
First it does NicoChat's handshake itself, to see that the public URL leads to ingress and that ingress knows the key.
Then NicoChat does it. It can be run again at any time.

Example:
  npm run bridge -- webhook set acme --generate-key file:secrets/acme/verification-key \\
    --store-bot-url file:secrets/acme/bot-url
  npm run --silent bridge -- webhook set acme --as secret/flow-keys \\
    | kubectl apply --server-side --field-manager=acme-bot-url -f -`;

/** `bridge webhook get|set|delete <connection>`. */
export function addWebhook(program: Command, context: CommandContext): void {
  const webhook = program
    .command('webhook')
    .description("register a connection's webhook with NicoChat")
    .addHelpText('after', '\nExample:\n  npm run bridge -- webhook get acme');
  const add = (name: string, description: string) =>
    webhook.command(name).description(description).argument('<connection>', 'id of the connection in bridge.yaml');
  withBotUrlOptions(add('get', 'show what NicoChat has registered'))
    .addHelpText('after', '\nExample:\n  npm run bridge -- webhook get acme')
    .action((id: string, options: BotUrlOptions, command: Command) => get(id, options, command, context));
  withBotUrlOptions(
    add('set', 'register <nicochat.publicUrl>/webhooks/<connection>, with the first of its verification keys'),
  )
    .option(
      '--generate-key <place>',
      'file:<path>: make a verification key there first, unless there is one',
      filePlace,
    )
    .option('--no-check', 'do not look first whether the public URL leads to ingress')
    .option('--wait-seconds <n>', 'how long to wait for ingress (default 15, with --generate-key 120)', wholeNumber(0))
    .addHelpText('after', setHelp)
    .action((id: string, options: SetOptions, command: Command) => set(id, options, command, context));
  add('delete', 'remove the registration; one that is gone already is fine')
    .addHelpText('after', '\nExample:\n  npm run bridge -- webhook delete acme')
    .action((id: string, _options: object, command: Command) => remove(id, command, context));
}

function withBotUrlOptions(command: Command): Command {
  return command
    .option('--store-bot-url <place>', 'file:<path>: write bot_url there, readable by its owner only', filePlace)
    .option('--as <secret>', 'secret/<name>: print a Secret of Kubernetes with bot_url, and nothing else', secretName)
    .option('--show-bot-url', 'show bot_url whole: it is a secret, whoever has it can write to the bot');
}

async function get(id: string, options: BotUrlOptions, command: Command, context: CommandContext): Promise<void> {
  const config = readBridgeConfig(command, context, ['chaveApi']);
  const { data } = await callManagement(managementRequest(config, connectionOf(config.connections, id), 'get'));
  show(data, id, options, context);
}

async function set(id: string, options: SetOptions, command: Command, context: CommandContext): Promise<void> {
  const read = <S extends 'chaveApi' | 'verificationKeys'>(...secrets: S[]) =>
    readBridgeConfig(command, context, secrets);
  show(await registerWebhook({ id, read, ...options }, context), id, options, context);
}

async function remove(id: string, command: Command, context: CommandContext): Promise<void> {
  const config = readBridgeConfig(command, context, ['chaveApi']);
  const { wasGone } = await callManagement(managementRequest(config, connectionOf(config.connections, id), 'delete'));
  context.print(wasGone ? `NicoChat has no webhook of ${id}: it was deleted already` : `deleted the webhook of ${id}`);
}

function show(data: ManagementData, connection: string, options: BotUrlOptions, context: CommandContext): void {
  const { showBotUrl = false } = options;
  // Where a manifest is printed, it alone is: it goes into a pipe.
  const say = options.as === undefined ? context.print : context.note;
  for (const line of formatWebhook(data, { showBotUrl })) say(line);
  for (const warning of webhookWarnings(data)) context.note(`Warning: ${warning}`);
  storeBotUrl(data.bot_url ?? '', { connection, ...options }, context);
}
