import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from './paths.ts';

let workspace: string;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'bridge-boundaries-'));
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
  for (const file of ['oxlint.config.ts', 'tsconfig.base.json', 'package.json']) {
    copyFileSync(join(root, file), join(workspace, file));
  }
});
afterEach(() => rmSync(workspace, { recursive: true }));

/** Lints one file of a project, as the project's own lint target does, and gives what the boundaries say of its import. */
function lint(file: string, source: string): string[] {
  const [kind = '', name = ''] = file.split('/');
  const project = join(workspace, kind, name);
  mkdirSync(dirname(join(workspace, file)), { recursive: true });
  copyFileSync(join(root, 'libs/config/tsconfig.json'), join(project, 'tsconfig.json'));
  writeFileSync(join(workspace, file), `import * as it from '${source}';\nconsole.log(it);\n`);
  const oxlint = join(root, 'node_modules', '.bin', 'oxlint');
  const { stdout } = spawnSync(oxlint, ['--config', '../../oxlint.config.ts', '--format', 'json', '.'], {
    cwd: project,
    encoding: 'utf8',
  });
  const { diagnostics, number_of_files } = JSON.parse(stdout) as {
    diagnostics: { code: string; help: string; severity: string }[];
    number_of_files: number;
  };
  expect(number_of_files).toBe(1);
  return diagnostics
    .filter(({ code, severity }) => code === 'eslint(no-restricted-imports)' && severity === 'error')
    .map(({ help }) => help);
}

const noApps = 'Apps are never imported: move what both need into a library.';
const leaves = 'Libraries are leaves: they import no other library.';
const ownKafka = 'Only libs/kafka imports kafkajs.';
const ownMetrics = 'Only libs/telemetry imports prom-client.';
const inside = 'Import a library by its name only.';
const step = 'A step imports neither express, node:http nor process.';

describe('refused:', () => {
  test.each([
    ['a library that imports an app', 'libs/config/src/x.ts', '@bridge/ingress', noApps],
    ['a library that imports an app by its path', 'libs/config/src/x.ts', '../../../apps/ingress/src/env.ts', noApps],
    ['a library that imports a library', 'libs/config/src/x.ts', '@bridge/schemas', leaves],
    ['a library that imports a library by its path', 'libs/config/src/x.ts', '../../schemas/src/index.ts', leaves],
    ['a library that imports kafkajs', 'libs/config/src/x.ts', 'kafkajs', ownKafka],
    ['telemetry that imports kafkajs', 'libs/telemetry/src/x.ts', 'kafkajs', ownKafka],
    ['kafka that imports prom-client', 'libs/kafka/src/x.ts', 'prom-client', ownMetrics],
    ['an app that imports an app', 'apps/router/src/x.ts', '@bridge/ingress', noApps],
    ['an app that imports an app by its path', 'apps/router/src/x.ts', '../../ingress/src/env.ts', noApps],
    ['an app’s inner folder that does so', 'apps/cli/src/commands/x.ts', '../../../ingress/src/env.ts', noApps],
    ['the benchmark that imports an app', 'bench/src/x.ts', '@bridge/router', noApps],
    ['the benchmark that does so by its path', 'bench/src/x.ts', '../../apps/router/src/env.ts', noApps],
    ['the benchmark that imports kafkajs', 'bench/src/x.ts', 'kafkajs', ownKafka],
    ['an app that imports the benchmark', 'apps/router/src/x.ts', '@bridge/bench', noApps],
    ['an app that imports kafkajs', 'apps/router/src/x.ts', 'kafkajs', ownKafka],
    ['an app that imports prom-client', 'apps/router/src/x.ts', 'prom-client', ownMetrics],
    ['an app that reaches into a library', 'apps/router/src/x.ts', '@bridge/kafka/src/lanes.ts', inside],
    ['an app that does so by its path', 'apps/router/src/x.ts', '../../../libs/kafka/src/lanes.ts', inside],
    ['a step that imports express', 'apps/ingress/src/receive-webhook.ts', 'express', step],
    ['a step that imports node:http', 'apps/outbound/src/deliver-send-command.ts', 'node:http', step],
    ['a step that imports process', 'apps/router/src/route-inbound-event.ts', 'node:process', step],
    ['a step that imports kafkajs', 'apps/router/src/route-inbound-event.ts', 'kafkajs', ownKafka],
  ])('%s', (_, file, source, message) => {
    expect(lint(file, source)).toContain(message);
  });
});

describe('allowed:', () => {
  test.each([
    ['a library that imports a package', 'libs/config/src/x.ts', 'zod'],
    ['a library that imports its own files', 'libs/config/src/bridge-file/x.ts', '../config-error.ts'],
    ['libs/kafka that imports kafkajs', 'libs/kafka/src/x.ts', 'kafkajs'],
    ['libs/telemetry that imports prom-client', 'libs/telemetry/src/x.ts', 'prom-client'],
    ['an app that imports a library', 'apps/router/src/x.ts', '@bridge/kafka'],
    ['an app that imports its own files', 'apps/cli/src/commands/x.ts', '../settings.ts'],
    ['an app’s noun that imports express', 'apps/ingress/src/webhook-app.ts', 'express'],
    ['the benchmark that imports a library', 'bench/src/x.ts', '@bridge/kafka'],
    ['a step that imports a schema', 'apps/ingress/src/receive-webhook.ts', '@bridge/schemas'],
  ])('%s', (_, file, source) => {
    expect(lint(file, source)).toEqual([]);
  });
});
