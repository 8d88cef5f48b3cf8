import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFile } from '../bridge-file/temporary-file.ts';
import { watchBridgeConfig } from '../index.ts';

vi.setConfig({ testTimeout: 60_000 });
const eventually = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

const connection = (id: string) => `  ${id}: { workspace: 1, flowApiKey: { file: ${id}-key } }\n`;
const fileOf = (...ids: string[]) => `connections:\n${ids.map(connection).join('')}`;

/** A watch on a folder of its own, and what it said: to the log, and to the metrics. */
async function watchFolder(
  text: string,
  files: Record<string, string>,
  accept?: (next: { connections: ReadonlyMap<string, object> }) => Promise<void>,
) {
  const path = temporaryFile(text, files);
  const said: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  const measured: Record<string, number> = {};
  const write = (level: string) => (fields: object, message: string) =>
    void said.push({ level, message, fields: { ...fields } });
  const watch = watchBridgeConfig({
    path,
    env: {},
    secrets: ['flowApiKey'],
    allowUnsigned: false,
    log: { info: write('info'), error: write('error') },
    metrics: {
      counter: () => ({ inc: ({ outcome }) => (measured[outcome] = (measured[outcome] ?? 0) + 1) }),
      gauge: ({ name }) => ({ set: (value) => (measured[name] = value) }),
    },
    lookEveryMs: 100,
    ...(accept && { accept }),
  });
  const changes = vi.fn();
  watch.onChange(changes);
  await watch.start();
  onTestFinished(() => watch.stop());
  const put = (name: string, content: string) => writeFileSync(join(dirname(path), name), content);
  const keyOf = (id: string) => watch.current().connections.get(id)?.flowApiKey;
  return { ...watch, path, said, measured, changes, put, keyOf };
}

test('one of a thousand connections is changed, added and removed, and the others stay the very objects they were', async () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `c-${index}`);
  const keys = Object.fromEntries([...ids, 'new'].map((id) => [`${id}-key`, `key-of-${id}`]));
  const watch = await watchFolder(fileOf(...ids), keys);
  const before = watch.current().connections;
  const rest = ids.filter((id) => !['c-3', 'c-500'].includes(id));

  watch.put('c-3-key', 'another-key-of-c-3');
  await eventually(() => expect(watch.keyOf('c-3')).toBe('another-key-of-c-3'));
  watch.put('bridge.yaml', fileOf(...rest, 'c-3', 'new'));
  await eventually(() => expect(watch.keyOf('new')).toBe('key-of-new'));

  const after = watch.current().connections;
  expect([...after.keys()]).toEqual([...rest, 'c-3', 'new']);
  expect(rest.filter((id) => after.get(id) !== before.get(id))).toEqual([]);
  expect(after.get('c-3')).not.toBe(before.get('c-3'));
  expect(watch.changes).toHaveBeenCalledTimes(2);
  expect(watch.measured).toMatchObject({ applied: 2, bridge_config_refused: 0 });
  expect(watch.said.map(({ fields: { path: _path, ...change } }) => change)).toEqual([
    { added: [], changed: ['c-3'], removed: [], sections: [] },
    { added: ['new'], changed: [], removed: ['c-500'], sections: [] },
  ]);
});

test('a mounted ConfigMap or Secret, whose links are swapped, is seen', async () => {
  const path = temporaryFile('connections: {}');
  const folder = dirname(path);
  const mount = (version: string, text: string, key: string) => {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, 'mounted.yaml'), text);
    writeFileSync(join(folder, version, 'acme-key'), key);
    symlinkSync(version, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  mount('..1', fileOf('acme'), 'the-first-key');
  for (const name of ['mounted.yaml', 'acme-key']) symlinkSync(join('..data', name), join(folder, name));
  const silent = { info() {}, error() {} };
  const metrics = { counter: () => ({ inc() {} }), gauge: () => ({ set() {} }) };
  const source = { path: join(folder, 'mounted.yaml'), env: {}, allowUnsigned: false, lookEveryMs: 100 };
  const watch = watchBridgeConfig({ ...source, secrets: ['flowApiKey'], log: silent, metrics });
  await watch.start();
  onTestFinished(() => watch.stop());

  mount('..2', fileOf('acme'), 'the-other-key');
  rmSync(join(folder, '..1'), { recursive: true });
  await eventually(() => expect(watch.current().connections.get('acme')?.flowApiKey).toBe('the-other-key'));
  mount('..3', `${fileOf('acme')}defaultChannel: triage\n`, 'the-other-key');
  await eventually(() => expect(watch.current().defaultChannel).toBe('triage'));
});

test('a bad file changes nothing, and is told of once with all its faults, until it is mended', async () => {
  const watch = await watchFolder(fileOf('acme'), { 'acme-key': 'flow-key' });
  const before = watch.current();
  expect(watch.note()).toBeUndefined();

  watch.put('bridge.yaml', `${fileOf('acme')}  b: { workspace: 1.5, flowApiKey: { file: b-key } }\ncolour: blue\n`);
  await eventually(() => expect(watch.said).toHaveLength(1));
  expect(watch.current()).toBe(before);
  expect(watch.said[0]).toMatchObject({
    level: 'error',
    fields: {
      faultCount: 3,
      faults: [
        `${watch.path}:3:8 connections.b.workspace: must be the workspace's number`,
        expect.stringContaining(`${watch.path}:3:24 connections.b.flowApiKey: the file `),
        expect.stringContaining(`${watch.path}:4:1 colour: is not a known key`),
      ],
    },
  });
  expect(watch.measured).toMatchObject({ refused: 1, bridge_config_refused: 1 });
  expect(watch.note()).toMatch(/^refused since .*Z: .*:3:8 .*, and 2 more\. What was read at .*Z is in force$/);

  // The same faults again are not worth another word; others are.
  watch.put('b-key', '\n');
  await eventually(() => expect(watch.said).toHaveLength(2));
  watch.put('bridge.yaml', fileOf('acme'));
  await eventually(() => expect(watch.note()).toBeUndefined());
  expect(watch.said[2]?.message).toBe('bridge.yaml is again what is in force');
  expect(watch.measured).toMatchObject({ refused: 2, bridge_config_refused: 0 });
  expect(watch.changes).not.toHaveBeenCalled();

  watch.put('bridge.yaml', fileOf('acme', 'b'));
  watch.put('b-key', 'key-of-b');
  await eventually(() => expect(watch.keyOf('b')).toBe('key-of-b'));
});

test('a secret that is not there yet is waited for', async () => {
  const watch = await watchFolder(fileOf('acme'), { 'acme-key': 'flow-key' });
  watch.put('bridge.yaml', fileOf('acme', 'b'));
  await eventually(() => expect(watch.note()).toContain('b-key does not exist'));
  watch.put('b-key', 'key-of-b');
  await eventually(() => expect(watch.keyOf('b')).toBe('key-of-b'));
});

test('a file that is taken away leaves everything as it was', async () => {
  const watch = await watchFolder(fileOf('acme'), { 'acme-key': 'flow-key' });
  rmSync(watch.path);
  await eventually(() => expect(watch.note()).toContain('does not exist'));
  expect(watch.keyOf('acme')).toBe('flow-key');
});

test('a file that is still being written is not read', async () => {
  const ids = Array.from({ length: 100 }, (_, index) => `c-${index}`);
  const keys = Object.fromEntries([...ids, 'last'].map((id) => [`${id}-key`, `key-of-${id}`]));
  const watch = await watchFolder(fileOf(...ids), keys);
  // Each beginning is a good file, with connections missing.
  for (let written = 1; written < ids.length; written += 1) {
    watch.put('bridge.yaml', fileOf(...ids.slice(0, written)));
    await pause(30);
  }
  watch.put('bridge.yaml', fileOf(...ids, 'last'));
  await eventually(() => expect(watch.keyOf('last')).toBe('key-of-last'));
  expect(watch.changes).toHaveBeenCalledOnce();
  expect(watch.said).toHaveLength(1);
});

test('what is not accepted is refused, and asked for again without another change', async () => {
  let missing = 'the topic chat.b is missing';
  const accept = vi.fn(async () => {
    if (missing) throw new Error(missing);
  });
  const watch = await watchFolder(fileOf('acme'), { 'acme-key': 'flow-key', 'b-key': 'key-of-b' }, accept);
  watch.put('bridge.yaml', fileOf('acme', 'b'));
  await eventually(() => expect(accept.mock.calls.length).toBeGreaterThan(2));
  expect(watch.keyOf('b')).toBeUndefined();
  expect(watch.said.map(({ fields }) => fields['faults'])).toEqual([[`${watch.path}: ${missing}`]]);
  missing = '';
  await eventually(() => expect(watch.keyOf('b')).toBe('key-of-b'));
  expect(watch.note()).toBeUndefined();
});

test("one connection's secrets are read again at once, whatever became of bridge.yaml", async () => {
  const watch = await watchFolder(fileOf('acme', 'b'), { 'acme-key': 'flow-key', 'b-key': 'key-of-b' });
  const b = watch.current().connections.get('b');
  expect(watch.reread('acme')).toBe(watch.current().connections.get('acme'));
  expect(watch.changes).not.toHaveBeenCalled();

  watch.put('bridge.yaml', 'connections: [');
  watch.put('acme-key', 'new-key');
  expect(watch.reread('acme')?.flowApiKey).toBe('new-key');
  expect(watch.keyOf('acme')).toBe('new-key');
  expect(watch.changes).toHaveBeenCalledOnce();
  expect(watch.current().connections.get('b')).toBe(b);

  watch.put('acme-key', '\n');
  expect(watch.reread('acme')?.flowApiKey).toBe('new-key');
  expect(watch.reread('nobody')).toBeUndefined();
});

test('a file that is bad from the start is refused with its faults', () => {
  const path = temporaryFile('connections: [');
  const metrics = { counter: () => ({ inc() {} }), gauge: () => ({ set() {} }) };
  const watch = () =>
    watchBridgeConfig({ path, env: {}, secrets: [], allowUnsigned: false, log: { info() {}, error() {} }, metrics });
  expect(watch).toThrow(`${path}:1:15: is not YAML that can be read`);
});
