import type { InboundEvent } from '@bridge/schemas';
import { expect, test } from 'vitest';
import { routeInboundEvent } from './route-inbound-event.ts';
import type { RoutingRules } from './route-inbound-event.ts';

const event: InboundEvent = {
  id: '01J-0',
  redeliveryKey: 'm/abc/0',
  connection: 'acme',
  conversation: { id: '501' },
  contact: { id: 'cliente-77' },
  author: { kind: 'bot' },
  message: { kind: 'text', text: 'Oi' },
  verified: true,
  receivedAt: '2026-11-23T12:00:00.000Z',
  raw: {},
};

const rules: RoutingRules = {
  channels: new Map([
    ['support', { topic: 'chat.support.v1', acceptsUnverified: false }],
    ['lab', { acceptsUnverified: true }],
  ]),
  routes: [
    { name: 'agents', when: { connection: ['acme'], author: ['agent'] }, channel: 'support' },
    { name: 'rooms', when: { kind: ['buttons', 'cards'] }, channel: 'room-{conversation.id}' },
    { name: 'vip', when: { contact: ['vip-1', 'vip-2'] }, channel: '{connection}.{contact.id}' },
    { name: 'lab', when: { conversation: ['900'] }, channel: 'lab' },
  ],
  defaultChannel: 'triage',
};
const buttons = { kind: 'buttons', text: 'Escolha', buttons: [] } as const satisfies InboundEvent['message'];

test.each<[string, Partial<InboundEvent>, object]>([
  ['the default channel when no route matches', {}, { kind: 'routed', channel: 'triage' }],
  [
    'the channel of the first route whose fields all match, with its own topic',
    { author: { kind: 'agent' }, message: buttons },
    { kind: 'routed', channel: 'support', route: 'agents', topic: 'chat.support.v1' },
  ],
  [
    'a route is passed over when one of its fields differs',
    { connection: 'other', author: { kind: 'agent' } },
    { kind: 'routed', channel: 'triage' },
  ],
  ['a template filled from the event', { message: buttons }, { kind: 'routed', channel: 'room-501', route: 'rooms' }],
  [
    'any value of a list matches',
    { contact: { id: 'vip-2' } },
    { kind: 'routed', channel: 'acme.vip-2', route: 'vip' },
  ],
])('%s', (_, changes, expected) => {
  const template = expect.any(String);
  expect(routeInboundEvent({ ...event, ...changes }, rules)).toEqual({ ...expected, template });
});

test('a template whose field the event lacks, or that gives no channel id, is unroutable and says so', () => {
  const { conversation: _, ...noConversation } = event;
  expect(routeInboundEvent({ ...noConversation, message: buttons }, rules)).toEqual({
    kind: 'unroutable',
    error: 'route rooms (room-{conversation.id}) uses a field that the event lacks',
  });
  expect(routeInboundEvent({ ...event, message: buttons, conversation: { id: '+5511955501077' } }, rules)).toEqual({
    kind: 'unroutable',
    error: 'route rooms (room-{conversation.id}) gives no valid channel id',
  });
});

test('without a default channel what no route matches is unroutable', () => {
  const { defaultChannel: _, ...noDefault } = rules;
  expect(routeInboundEvent(event, noDefault)).toMatchObject({ kind: 'unroutable' });
  expect(routeInboundEvent({ ...event, author: { kind: 'agent' } }, noDefault)).toMatchObject({ kind: 'routed' });
});

test('an unverified event reaches only a channel that accepts such', () => {
  const unverified = { ...event, verified: false };
  expect(routeInboundEvent(unverified, rules)).toMatchObject({ kind: 'unverified' });
  expect(routeInboundEvent({ ...unverified, author: { kind: 'agent' } }, rules)).toMatchObject({ kind: 'unverified' });
  expect(routeInboundEvent({ ...unverified, conversation: { id: '900' } }, rules)).toMatchObject({ channel: 'lab' });
});
