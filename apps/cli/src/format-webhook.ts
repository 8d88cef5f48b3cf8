import type { ManagementData } from '@bridge/schemas';
import { printable } from './printable.ts';

/** The answer to get and set, without its secrets: who knows `bot_url` can write to the bot. */
export function formatWebhook(data: ManagementData, options: { showBotUrl: boolean }): string[] {
  return [
    `webhook_url     ${data.webhook_url ? printable(data.webhook_url) : '(none)'}`,
    `webhook_status  ${data.webhook_status ? printable(data.webhook_status) : '(not said)'}`,
    `bot_url         ${formatBotUrl(data.bot_url ?? '', options)}`,
  ];
}

/** What in an answer deserves a second look although it is no error. */
export function webhookWarnings({ webhook_status: status, bot_url: botUrl }: ManagementData): string[] {
  const warnings: string[] = [];
  if (status !== 'verified') {
    warnings.push(
      `NicoChat does not call the webhook verified (webhook_status ${status ? `"${printable(status)}"` : 'is absent'}). ` +
        'Is the webhook_url reachable from the internet, and does ingress know this connection and its key?',
    );
  }
  if (URL.parse(botUrl ?? '')?.protocol === 'http:') {
    warnings.push('bot_url is not https: outbound calls it only when egress.allow in bridge.yaml names its host.');
  }
  return warnings;
}

function formatBotUrl(botUrl: string, { showBotUrl }: { showBotUrl: boolean }): string {
  if (showBotUrl) return printable(botUrl);
  return `${URL.parse(botUrl)?.origin ?? ''}/*** (a secret; --show-bot-url shows it)`;
}
