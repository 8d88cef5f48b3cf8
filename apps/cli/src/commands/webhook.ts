import { writeFileSync } from 'node:fs';
import type { ManagementData } from '@bridge/schemas';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { formatWebhook, webhookWarnings } from '../format-webhook.ts';
import { callManagement } from '../management-call.ts';
import { connectionOf, managementRequest, webhookUrl } from '../management-request.ts';
import { readBridgeConfig } from '../settings.ts';

type BotUrlOptions = { showBotUrl?: boolean; writeBotUrl?: string };

const showOption = [
  '--show-bot-url',
  'show bot_url whole: it is a secret, whoever has it can write to the bot',
] as const;
const writeOption = ['--write-bot-url <file>', 'write bot_url into this file, readable by its owner only'] as const;

/** `bridge webhook get|set|delete <connection>`. */
export function addWebhook(program: Command, context: CommandContext): void {
  const webhook = program
    .command('webhook')
    .description("register a connection's webhook with NicoChat")
    .addHelpText('after', '\nExample:\n  npm run bridge -- webhook get acme');
  webhook
    .command('get')
    .description('show what NicoChat has registered')
    .argument('<connection>', 'id of the connection in bridge.yaml')
    .option(...showOption)
    .option(...writeOption)
    .addHelpText('after', '\nExample:\n  npm run bridge -- webhook get acme')
    .action((id: string, options: BotUrlOptions, command: Command) => get(id, options, command, context));
  webhook
    .command('set')
    .description('register <nicochat.publicUrl>/webhooks/<connection>, with the first of its verification keys')
    .argument('<connection>', 'id of the connection in bridge.yaml')
    .option(...showOption)
    .option(...writeOption)
    .addHelpText('after', setHelp)
    .action((id: string, options: BotUrlOptions, command: Command) => set(id, options, command, context));
  webhook
    .command('delete')
    .description('remove the registration; one that is gone already is fine')
    .argument('<connection>', 'id of the connection in bridge.yaml')
    .addHelpText('after', '\nExample:\n  npm run bridge -- webhook delete acme')
    .action((id: string, _options: object, command: Command) => remove(id, command, context));
}

const setHelp = `
NicoChat calls the webhook before it answers: ingress must be running, reachable, and have this connection.

Example:
  npm run bridge -- webhook set acme --write-bot-url secrets/acme/bot-url`;

async function get(id: string, options: BotUrlOptions, command: Command, context: CommandContext): Promise<void> {
  const config = readBridgeConfig(command, context, ['chaveApi']);
  const answer = await callManagement(managementRequest(config, connectionOf(config.connections, id), 'get'));
  if (answer.kind === 'ok') show(answer.data, options, context);
}

async function set(id: string, options: BotUrlOptions, command: Command, context: CommandContext): Promise<void> {
  const config = readBridgeConfig(command, context, ['chaveApi', 'verificationKeys']);
  const connection = connectionOf(config.connections, id);
  const url = webhookUrl(config, id);
  const verificationKey = connection.verificationKeys[0]?.key ?? '';
  const answer = await callManagement(managementRequest(config, connection, 'set', { url, verificationKey }));
  if (answer.kind === 'ok') show(answer.data, options, context);
}

async function remove(id: string, command: Command, context: CommandContext): Promise<void> {
  const config = readBridgeConfig(command, context, ['chaveApi']);
  const answer = await callManagement(managementRequest(config, connectionOf(config.connections, id), 'delete'));
  const gone = answer.kind === 'already-deleted';
  context.print(gone ? `NicoChat has no webhook of ${id}: it was deleted already` : `deleted the webhook of ${id}`);
}

function show(data: ManagementData, { showBotUrl = false, writeBotUrl }: BotUrlOptions, context: CommandContext): void {
  for (const line of formatWebhook(data, { showBotUrl })) context.print(line);
  for (const warning of webhookWarnings(data)) context.note(`Warning: ${warning}`);
  if (writeBotUrl === undefined) return;
  try {
    writeFileSync(writeBotUrl, `${data.bot_url}\n`, { mode: 0o600 });
  } catch (error) {
    throw new CommandError(`bot_url could not be written: ${(error as Error).message}`, 'negative', error);
  }
  context.note(`Wrote bot_url into ${writeBotUrl}.`);
}
