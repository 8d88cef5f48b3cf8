import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appOptions } from './app-process.ts';
import { root } from './paths.ts';

const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('what is measured and tested runs as in the image', () => {
  expect(read('Dockerfile')).toContain(
    `ENTRYPOINT ${JSON.stringify(['node', ...appOptions, 'src/main.ts']).replaceAll(',', ', ')}\n`,
  );
});

test.each(['ingress', 'router', 'outbound', 'simulator'])('%s starts with the same options by npm', (name) => {
  const { scripts } = JSON.parse(read(`apps/${name}/package.json`)) as { scripts: { start: string } };
  expect(scripts.start).toBe(['node', ...appOptions, 'src/main.ts'].join(' '));
});
