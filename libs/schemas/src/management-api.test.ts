import { describe, expect, test } from 'vitest';
import { managementRequestSchemas, readManagementAnswer } from './management-api.ts';

const data = {
  webhook_url: 'https://ingress.exemplo.com.br/webhooks/acme',
  webhook_verification_key: 'k3y-so-nossa',
  webhook_status: 'verified',
  bot_url: 'https://bot.exemplo.com.br/api/apichat/9f3c0a',
};
const answer = (changes: object = {}) => JSON.stringify({ status: 'ok', data, ...changes });

describe('readManagementAnswer', () => {
  test('the documented answer is ok, with its data', () => {
    expect(readManagementAnswer(200, answer(), 'get')).toEqual({ kind: 'ok', data });
  });

  test('unknown fields are kept', () => {
    expect(readManagementAnswer(200, answer({ data: { ...data, plan: 'x' } }))).toMatchObject({ data: { plan: 'x' } });
  });

  test.each([
    ['status in capitals', 200, answer({ status: 'OK' })],
    ['no status', 201, JSON.stringify({ data })],
    ['another webhook_status', 200, answer({ data: { ...data, webhook_status: 'pending' } })],
    ['http, as a stand-in has it', 200, answer({ data: { ...data, bot_url: 'http://127.0.0.1:8090/bot' } })],
  ])('%s is ok', (_what, status, body) => {
    expect(readManagementAnswer(status, body, 'set').kind).toBe('ok');
  });

  test('an answer without data is ok for delete, and an error where bot_url is expected', () => {
    expect(readManagementAnswer(200, '{"status":"ok"}', 'delete')).toEqual({ kind: 'ok' });
    expect(readManagementAnswer(200, '{"status":"ok"}')).toEqual({ kind: 'ok' });
    expect(readManagementAnswer(200, '{"status":"ok"}', 'get').kind).toBe('error');
    expect(readManagementAnswer(200, answer({ data: { ...data, bot_url: 'nope' } }), 'set').kind).toBe('error');
  });

  test.each([
    [400, '{"message":"bad key"}', 'bad key'],
    [401, '{"error":"no key"}', 'no key'],
    [200, '{"status":"error","message":"not verified"}', 'not verified'],
    [422, '{"message":"","errors":{}}', '{"message":"","errors":{}}'],
    [502, `<html>${'x'.repeat(300)}`, `<html>${'x'.repeat(194)}`],
    [500, '', 'HTTP 500 with an empty body'],
    [200, 'ok', 'ok'],
    [200, '[]', '[]'],
    [302, answer(), answer().slice(0, 200)],
  ])('%i with %j is an error', (status, body, message) => {
    expect(readManagementAnswer(status, body)).toEqual({ kind: 'error', message });
  });
});

test('the documented bodies are requests, and nothing less is', () => {
  const account = { workspace: 4821, email: 'dono@exemplo.com.br', ChaveApi: 'chave-de-exemplo' };
  const webhook = { webhook_url: data.webhook_url, webhook_verification_key: 'k3y-so-nossa' };
  const { get, set, delete: remove } = managementRequestSchemas;
  expect([get, remove].map((schema) => schema.safeParse(account).success)).toEqual([true, true]);
  expect(set.safeParse({ ...account, ...webhook }).success).toBe(true);
  expect(set.safeParse(account).success).toBe(false);
  expect(get.safeParse({ ...account, ChaveApi: '' }).success).toBe(false);
  expect(get.safeParse({ ...account, email: undefined }).success).toBe(false);
});
