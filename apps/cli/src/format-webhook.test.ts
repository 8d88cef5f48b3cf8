import { describe, expect, it } from 'vitest';
import { formatWebhook, webhookWarnings } from './format-webhook.ts';

const data = {
  webhook_url: 'https://bridge.example/webhooks/acme',
  webhook_verification_key: 'k3y-so-nossa',
  webhook_status: 'verified',
  bot_url: 'https://bot.example/api/apichat/9f3c0a',
};

describe("NicoChat's answer", () => {
  it('is shown without its secrets', () => {
    expect(formatWebhook(data, { showBotUrl: false })).toEqual([
      'webhook_url     https://bridge.example/webhooks/acme',
      'webhook_status  verified',
      'bot_url         https://bot.example/*** (a secret; --show-bot-url shows it)',
    ]);
  });

  it('is shown with bot_url for who asks, and never with the key', () => {
    const text = formatWebhook(data, { showBotUrl: true }).join('\n');
    expect(text).toContain('https://bot.example/api/apichat/9f3c0a');
    expect(text).not.toContain('k3y-so-nossa');
  });

  it('is shown where no webhook is set', () => {
    const [url, status] = formatWebhook({ bot_url: data.bot_url, webhook_url: null }, { showBotUrl: false });
    expect([url, status]).toEqual(['webhook_url     (none)', 'webhook_status  (not said)']);
  });

  it.each([
    ['verified', data, []],
    ['not verified', { ...data, webhook_status: 'pending' }, ['webhook_status "pending"']],
    ['silent about it', { ...data, webhook_status: undefined }, ['webhook_status is absent']],
    ['not https', { ...data, bot_url: 'http://127.0.0.1:8090/bot' }, ['bot_url is not https']],
  ])('that is %s is warned of accordingly', (_case, answer, expected) => {
    const warnings = webhookWarnings(answer);
    expect(warnings).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(warnings[index]).toContain(text);
  });
});
