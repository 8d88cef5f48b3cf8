import { describe, expect, test } from 'vitest';
import { answerWebhook } from './answer-webhook.ts';
import type { WebhookOutcome } from './answer-webhook.ts';

const problems: [WebhookOutcome['kind'], number, Record<string, string>][] = [
  ['bad-challenge', 400, {}],
  ['not-json', 400, {}],
  ['body-incomplete', 400, {}],
  ['signature-missing', 401, { 'www-authenticate': 'Signature' }],
  ['signature-mismatch', 401, { 'www-authenticate': 'Signature' }],
  ['signature-stale', 401, { 'www-authenticate': 'Signature' }],
  ['unknown-connection', 404, {}],
  ['unknown-path', 404, {}],
  ['method-not-allowed', 405, { allow: 'POST' }],
  ['body-too-large', 413, {}],
  ['event-too-large', 413, {}],
  ['encoding-unsupported', 415, { 'accept-encoding': 'identity' }],
  ['handshake-throttled', 429, { 'retry-after': '60' }],
  ['internal-error', 500, {}],
  ['broker-unavailable', 503, { 'retry-after': '1' }],
  ['broker-timeout', 503, { 'retry-after': '1' }],
  ['overloaded', 503, { 'retry-after': '1' }],
];

describe('the answer', () => {
  test.each(problems)('to %s is a problem of status %i', (kind, status, headers) => {
    const answer = answerWebhook({ kind } as WebhookOutcome);
    expect(answer.status).toBe(status);
    expect(answer.headers).toEqual({
      'content-type': 'application/problem+json',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      ...headers,
    });
    expect(JSON.parse(answer.body)).toEqual({
      type: 'about:blank',
      title: expect.stringMatching(/^[A-Z]/),
      status,
      detail: expect.stringMatching(/\.$/),
      outcome: kind,
    });
  });

  test.each(['accepted', 'nothing-to-publish'] as const)('to %s is the documented body', (kind) => {
    expect(answerWebhook({ kind })).toEqual({
      status: 200,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
      body: '{"status":"ok"}',
    });
  });

  test('to a handshake is the challenge alone, as plain text that no browser takes for anything else', () => {
    expect(answerWebhook({ kind: 'handshake', challenge: '<b>1</b>' })).toEqual({
      status: 200,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
      body: '<b>1</b>',
    });
  });

  test('to a wrong token is empty', () => {
    const answer = answerWebhook({ kind: 'bad-token' });
    expect(answer).toMatchObject({ status: 403, body: '' });
    expect(answer.headers).not.toHaveProperty('content-type');
  });
});
