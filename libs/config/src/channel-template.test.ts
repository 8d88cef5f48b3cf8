import { describe, expect, test } from 'vitest';
import { channelTemplateFault, channelTemplateFields } from './channel-template.ts';

describe('a channel template', () => {
  test.each([
    'support',
    'room-{conversation.id}',
    '{connection}.{author.kind}.{message.kind}',
    'a'.repeat(128),
    ...channelTemplateFields.map((field) => `{${field}}`),
  ])('may be %s', (template) => {
    expect(channelTemplateFault(template)).toBeUndefined();
  });

  test.each([
    ['', 'must be 1 to 128'],
    ['a'.repeat(129), 'must be 1 to 128'],
    [`${'a'.repeat(128)}{connection}`, 'must be 1 to 128'],
    ['two words', 'must be 1 to 128'],
    ['não', 'must be 1 to 128'],
    ['room-{conversation.id', 'must be 1 to 128'],
    ['room-conversation.id}', 'must be 1 to 128'],
    ['room-{{conversation.id}}', 'must be 1 to 128'],
    ['room-{conversation}', 'uses {conversation}, which is not a field'],
    ['room-{ conversation.id }', 'uses { conversation.id }, which is not a field'],
    ['room-{}', 'uses {}, which is not a field'],
    ['{message.text}', 'uses {message.text}, which is not a field'],
    ['{toString}', 'uses {toString}, which is not a field'],
  ])('may not be %j', (template, fault) => {
    expect(channelTemplateFault(template)).toContain(fault);
  });
});
