import { describe, expect, it } from 'vitest';
import { letterOf, recordAt, replayAt } from './dead-letter.fixture.ts';
import { laneOf } from './lineage.ts';
import type { RoutedLetter } from './lineage.ts';
import { findOvertaken } from './overtaken-conversations.ts';
import { learn, startTrail } from './replay-trails.ts';

const sendCommands = 'nicochat.send-commands.v1';

/** A record of send-results: the outcome of the command at an offset. */
function resultOf(commandOffset: number, given: { outcome?: string; key?: string; partition?: number } = {}) {
  const { outcome = 'sent', key = 'acme/501', partition = 6 } = given;
  const commandId = `c-${commandOffset}`;
  const value = JSON.stringify({ commandId, outcome, attempts: 1, at: '2026-11-23T12:10:00.000Z' });
  const headers = { 'x-command-offset': String(commandOffset), 'x-command-replays': '0' };
  return { ...recordAt(commandOffset, { key, headers }), partition, value };
}

function overtaken(
  given: { commands: RoutedLetter[]; letters?: RoutedLetter[]; replays?: ReturnType<typeof replayAt>[] },
  ...results: ReturnType<typeof resultOf>[]
) {
  const { commands, letters = commands, replays = [] } = given;
  const trail = startTrail(letters, { from: 0n, to: 100n });
  for (const replay of replays) learn(trail, replay);
  const trails = new Map([[laneOf({ topic: sendCommands, partition: 6 }), trail]]);
  const found = findOvertaken({ letters, commands, trails, sendCommands });
  for (const result of results) found.learn(result);
  return found.found().map(({ key, letter, count, last }) => `${key} ${letter.id} ${count} ${last.commandId}`);
}

describe('a conversation went on without a letter', () => {
  const commands = [letterOf('6@0', 5)];

  it('when commands behind the letter’s were sent', () => {
    expect(overtaken({ commands }, resultOf(4), resultOf(6), resultOf(8), resultOf(6))).toEqual(['acme/501 6@0 2 c-8']);
  });

  it.each([
    ['was before it', resultOf(4)],
    ['is its own', resultOf(5)],
    ['was not sent', resultOf(6, { outcome: 'rejected' })],
    ['is of another conversation', resultOf(6, { key: 'acme/502' })],
    ['is of another partition', resultOf(6, { partition: 7 })],
    ['says nothing of its command', { ...resultOf(6), headers: {} }],
    ['is no result', { ...resultOf(6), value: 'no json' }],
  ])('but not by what %s', (_what, result) => {
    expect(overtaken({ commands }, result)).toEqual([]);
  });

  it('and is told once, with the first of its letters', () => {
    const two = [letterOf('6@1', 7), letterOf('6@0', 5)];
    expect(overtaken({ commands: two }, resultOf(6), resultOf(9))).toEqual(['acme/501 6@0 2 c-9']);
  });

  it('by the place that each had at first, when replays failed or were sent in between', () => {
    const first = letterOf('6@0', 5);
    const again = letterOf('6@2', 10, { replays: 1, replayOf: '6@0' });
    const other = letterOf('6@1', 7);
    const replays = [replayAt(10, '6@0', 1), replayAt(11, '6@1', 1)];
    const letters = [first, other, again];
    // The failed replay of 5 was overtaken by 6, though 10 was not.
    expect(overtaken({ commands: [again], letters, replays }, resultOf(6))).toEqual(['acme/501 6@2 1 c-6']);
    // The replay of 5 at 10 came after 7, and was before it in the conversation.
    expect(overtaken({ commands: [other], letters, replays }, resultOf(10))).toEqual([]);
    expect(overtaken({ commands: [first], letters, replays }, resultOf(11))).toEqual(['acme/501 6@0 1 c-11']);
  });

  it('not before the oldest of their letters, give or take the clocks', () => {
    const died = Date.parse('2026-11-23T09:00:00Z');
    const first = letterOf('6@0', 5, { timestampMs: died });
    const again = letterOf('6@2', 10, { replays: 1, replayOf: '6@0' });
    const found = findOvertaken({ letters: [first, again], commands: [again], trails: new Map(), sendCommands });
    expect(found.sinceMs()).toBe(died - 600_000);
  });
});
