import { expect, test } from 'vitest';
import { cloudEventHeaders, eventTypes } from './cloud-event-headers.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

test('the headers of a record are CloudEvents in binary mode and a trace context', () => {
  const headers = cloudEventHeaders({
    id: '01J-0',
    type: eventTypes.inboundEvent,
    source: '/bridge/ingress/acme',
    subject: '501',
    time: '2026-11-23T12:00:00.000Z',
    traceparent,
  });
  expect(headers).toEqual({
    ce_specversion: '1.0',
    ce_id: '01J-0',
    ce_type: 'nicochat.inbound-event.v1',
    ce_source: '/bridge/ingress/acme',
    ce_subject: '501',
    ce_time: '2026-11-23T12:00:00.000Z',
    'content-type': 'application/json',
    traceparent,
  });
});

test('without a subject there is no such header, and the content type can be another', () => {
  const headers = cloudEventHeaders({ id: '1', type: 't', source: 's', time: 'now', traceparent, contentType: 'x/y' });
  expect(headers).not.toHaveProperty('ce_subject');
  expect(headers['content-type']).toBe('x/y');
});
