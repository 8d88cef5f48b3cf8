import { expect, it } from 'vitest';
import { readOptions } from './options.ts';

it('without options it is three repetitions, and as long as suits the benchmark', () => {
  expect(readOptions(['outbound'])).toMatchObject({
    benchmark: 'outbound',
    repetitions: 3,
    seconds: undefined,
    sockets: 64,
    backlog: 200_000,
    latenciesMs: [50, 0],
    baselines: [],
    only: [],
  });
});

it('baselines have a name and a command, or an address', () => {
  const args = ['ingress', '--baseline', 'peer=PORT=1 run --x=y', '--baseline', 'other=http://127.0.0.1:1/w'];
  expect(readOptions([...args, '--only', 'peer, other'])).toMatchObject({
    baselines: [
      { name: 'peer', command: 'PORT=1 run --x=y' },
      { name: 'other', command: 'http://127.0.0.1:1/w' },
    ],
    only: ['peer', 'other'],
  });
});

it('what suits a benchmark can be told', () => {
  const args = ['scaling', '--seconds', '2', '--conversations', '7', '--plots', 'p', '--json', 'f', '--profile', 'q'];
  const expected = { seconds: 2, conversations: 7, plotsFolder: 'p', jsonFile: 'f', profileFolder: 'q' };
  expect(readOptions(args)).toMatchObject(expected);
});

it('help is no benchmark', () => {
  expect(readOptions(['--help'])).toBeUndefined();
});

it.each([
  ['nothing', [], 'name one benchmark'],
  ['an unknown one', ['speed'], 'name one benchmark'],
  ['two', ['ingress', 'router'], 'name one benchmark'],
  ['a number that is none', ['ingress', '--reps', 'x'], '--reps must be a number'],
  ['a number out of bounds', ['ingress', '--conns', '0'], '--conns must be a number'],
  ['a baseline without a command', ['ingress', '--baseline', 'peer='], '--baseline must be'],
  ['a baseline that takes our name', ['ingress', '--baseline', 'bridge=x'], '--baseline must be'],
  ['an option that there is not', ['ingress', '--fast'], '--fast'],
])('%s is refused', (_, args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
