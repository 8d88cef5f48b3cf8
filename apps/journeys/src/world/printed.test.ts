import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { person, secretOf } from './private-values.ts';
import { searchPrinted } from './printed.ts';

function printed(files: Record<string, string[]>) {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-printed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, lines] of Object.entries(files)) writeFileSync(join(folder, name), lines.join('\n'));
  return searchPrinted(folder);
}

test.each([
  ['a secret', `{"error":"no host ${secretOf('bot-of-4800')}"}`],
  ['a phone number', `{"contact":"${person.phone}"}`],
  ['a phone number', `{"conversation":"%2B${person.phone.slice(1)}"}`],
  ['a name', `{"sender":{"name":"${person.name}"}}`],
  ['an e-mail address', `{"to":"${person.email}"}`],
])('%s is found in the log of a process', async (kind, line) => {
  const { files, lines, found } = await printed({ 'ingress-1.log': ['{}', line], 'router-1.log': ['{}'] });
  expect([files, lines]).toEqual([2, 3]);
  expect(found).toEqual([`ingress-1.log: ${kind}: ${line}`]);
});

test('the command may show what records hold, and no secret', async () => {
  const { found } = await printed({ '1.command.txt': [`${person.name} ${person.phone}`, secretOf('key')] });
  expect(found).toEqual([`1.command.txt: a secret: ${secretOf('key')}`]);
});
