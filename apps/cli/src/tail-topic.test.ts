import { describe, expect, it } from 'vitest';
import { tailTopic } from './tail-topic.ts';

describe('the topic to tail', () => {
  it.each([
    ['inbound-events', 'acme.inbound-events.v1'],
    ['channel-messages', 'acme.channel-messages.v1'],
    ['send-commands', 'acme.send-commands.v1'],
    ['send-results', 'acme.send-results.v1'],
    ['dead-letters', 'acme.dead-letters.v1'],
    ['chat.support.v1', 'chat.support.v1'],
    ['toString', 'toString'],
  ])('%s is %s', (name, topic) => {
    expect(tailTopic(name, 'acme')).toBe(topic);
  });
});
