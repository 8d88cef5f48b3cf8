import { expect, test } from 'vitest';
import { judgeBotAnswer } from './judge-bot-answer.ts';

const answered = (status: number, body = '', retryAfter?: string) =>
  ({ kind: 'answered', status, body, ...(retryAfter && { retryAfter }) }) as const;

test.each([
  ['200 with ok', answered(200, '{"status":"ok"}'), { kind: 'sent', status: 200 }],
  ['200 with success in capitals', answered(200, '{"status":"SUCCESS"}'), { kind: 'sent', status: 200 }],
  ['200 without a body', answered(200), { kind: 'sent', status: 200 }],
  ['201 with HTML', answered(201, '<p>fine'), { kind: 'sent', status: 201 }],
  ['200 with a number for status', answered(200, '{"status":1}'), { kind: 'sent', status: 200 }],
  ['200 with true for status', answered(200, '{"status":true}'), { kind: 'sent', status: 200 }],
  [
    '200 with false for status',
    answered(200, '{"status":false,"message":"no such flow"}'),
    { kind: 'rejected', status: 200, reason: 'HTTP 200: no such flow' },
  ],
  ['200 with JSON null', answered(200, 'null'), { kind: 'sent', status: 200 }],
  [
    '200 with another status',
    answered(200, '{"status":"error","message":"no such flow"}'),
    { kind: 'rejected', status: 200, reason: 'HTTP 200: no such flow' },
  ],
  ['302', answered(302), { kind: 'rejected', status: 302, reason: 'HTTP 302' }],
  [
    '400 with a message',
    answered(400, '{"message":"content is required"}'),
    { kind: 'rejected', status: 400, reason: 'HTTP 400: content is required' },
  ],
  ['404 with text', answered(404, 'not here'), { kind: 'rejected', status: 404, reason: 'HTTP 404: not here' }],
  ['401', answered(401, '{"error":"bad key"}'), { kind: 'refused-key', status: 401, reason: 'HTTP 401: bad key' }],
  ['403', answered(403), { kind: 'refused-key', status: 403, reason: 'HTTP 403' }],
  ['408', answered(408), { kind: 'again', status: 408, reason: 'HTTP 408' }],
  ['425', answered(425), { kind: 'again', status: 425, reason: 'HTTP 425' }],
  ['429 with Retry-After', answered(429, '', '7'), { kind: 'again', status: 429, retryAfter: '7', reason: 'HTTP 429' }],
  ['500', answered(500), { kind: 'again', status: 500, reason: 'HTTP 500' }],
  ['503', answered(503), { kind: 'again', status: 503, reason: 'HTTP 503' }],
  ['no connection', { kind: 'not-sent', error: 'ECONNREFUSED' } as const, { kind: 'again', reason: 'ECONNREFUSED' }],
  [
    'no answer',
    { kind: 'lost-answer', error: 'no answer in time' } as const,
    { kind: 'lost', reason: 'no answer in time' },
  ],
])('%s', (_, answer, verdict) => {
  expect(judgeBotAnswer(answer)).toEqual(verdict);
});
