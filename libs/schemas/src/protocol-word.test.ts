import { expect, test } from 'vitest';
import { protocolWord } from './protocol-word.ts';

test.each([
  ['event', 'message_created', 'message_created'],
  ['message_type', 1, '1'],
  ['content_type', 'input_select', 'input_select'],
  ['mime_type', 'image/png', 'image/png'],
  ['type', 'Template', 'Template'],
  ['title', 'vendas', undefined],
  ['prototype', 'vendas', undefined],
  ['type', 'Ana Souza', undefined],
  ['type', 'cliente-77', undefined],
  ['type', '', undefined],
  ['type', 'a'.repeat(41), undefined],
  ['type', 5511, undefined],
  ['type', 1.5, undefined],
  ['type', null, undefined],
  ['type', true, undefined],
  ['type', ['text'], undefined],
])('%s: %j holds the word %s', (field, value, found) => {
  expect(protocolWord(field, value)).toBe(found);
});
