import { defineConfig } from 'oxlint';

/** What nobody may import: an app, by name or by path; and the benchmark, which is one. */
const appNames = ['ingress', 'router', 'outbound', 'cli', 'simulator', 'journeys', 'bench'];
const apps = {
  group: ['**/apps/**', ...appNames.flatMap((app) => [`@bridge/${app}`, `@bridge/${app}/**`])],
  message: 'Apps are never imported: move what both need into a library.',
};
/** `../../router/src/x.ts`: a sibling by its path. */
const siblings = (names: string[]) => `^(\\.\\./)+(${names.join('|')})/src/`;
const siblingApps = { regex: siblings(appNames), message: apps.message };
const kafkajs = { group: ['kafkajs', 'kafkajs/**'], message: 'Only libs/kafka imports kafkajs.' };
const promClient = { group: ['prom-client'], message: 'Only libs/telemetry imports prom-client.' };
const otherLibs = {
  group: ['@bridge/*', '@bridge/*/**'],
  message: 'Libraries are leaves: they import no other library.',
};
const siblingLibs = {
  regex: siblings(['config', 'egress', 'kafka', 'schemas', 'service', 'signature', 'telemetry']),
  message: otherLibs.message,
};
const libInside = { group: ['@bridge/*/src/**', '**/libs/**'], message: 'Import a library by its name only.' };
/** A verb file is a step: it decides, and leaves acting to the nouns that main.ts hands it. */
const edges = {
  group: ['express', 'node:process', 'node:http'],
  message: 'A step imports neither express, node:http nor process.',
};

const restrict = (...patterns: object[]) => ({ 'no-restricted-imports': ['error', { patterns }] as const });

export default defineConfig({
  plugins: ['typescript', 'import', 'promise', 'unicorn', 'oxc'],
  categories: { correctness: 'error', suspicious: 'error' },
  options: { typeAware: true },
  env: { node: true, es2024: true },
  rules: {
    'max-lines': ['warn', { max: 250, skipBlankLines: true, skipComments: true }],
    'max-lines-per-function': ['warn', { max: 60, skipBlankLines: true, skipComments: true }],
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-explicit-any': 'error',
    // Our parts are closures, not classes: their functions are handed around freely.
    'typescript/unbound-method': 'off',
    // Too strict for the places where a library's types are wider than its documentation.
    'typescript/no-unsafe-type-assertion': 'off',
    'promise/always-return': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'no-await-in-loop': 'off',
    'import/no-named-as-default-member': 'off',
    // The types say it already.
    'typescript/consistent-return': 'off',
    'consistent-return': 'off',
  },
  overrides: [
    { files: ['libs/**/*.ts'], rules: restrict(apps, kafkajs, promClient, otherLibs, siblingLibs) },
    { files: ['libs/kafka/**/*.ts'], rules: restrict(apps, promClient, otherLibs, siblingLibs) },
    { files: ['libs/telemetry/**/*.ts'], rules: restrict(apps, kafkajs, otherLibs, siblingLibs) },
    {
      files: ['apps/**/*.ts', 'tools/**/*.ts', 'bench/**/*.ts'],
      rules: restrict(apps, siblingApps, kafkajs, promClient, libInside),
    },
    {
      files: ['apps/{ingress,router,outbound}/src/{receive,route,deliver,build,judge,normalize,map,answer,plan}-*.ts'],
      rules: restrict(apps, siblingApps, kafkajs, promClient, libInside, edges),
    },
    {
      files: ['**/*.test.ts', '**/testing/**/*.ts', 'apps/journeys/**/*.ts'],
      rules: { 'max-lines': 'off', 'max-lines-per-function': 'off', 'no-restricted-imports': 'off' },
    },
  ],
});
