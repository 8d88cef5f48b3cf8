import { describe, expect, it } from 'vitest';
import { letterOf, recordAt, replayAt } from './dead-letter.fixture.ts';
import type { DeadLetter } from './dead-letter.ts';
import { isRouted, laneOf } from './lineage.ts';
import { planReplay } from './plan-replay.ts';
import type { ReplayLimits } from './plan-replay.ts';
import { learn, startTrail } from './replay-trails.ts';

const lane = laneOf({ topic: 'nicochat.send-commands.v1', partition: 6 });

/** Plans with what the partition holds at `records`, which is kept from `keptFrom` on. */
function plan(
  letters: DeadLetter[],
  given: {
    records?: ReturnType<typeof recordAt>[];
    keptFrom?: number;
    limits?: Partial<ReplayLimits>;
    meant?: (letter: DeadLetter) => boolean;
  } = {},
) {
  const { records = [], keptFrom = 0, limits, meant = () => true } = given;
  const trail = startTrail(letters.filter(isRouted), { from: BigInt(keptFrom), to: 100n });
  for (const record of records) learn(trail, record);
  const { replay, skipped } = planReplay({
    letters,
    meant,
    trails: new Map([[lane, trail]]),
    isTarget: ({ origin }) => origin.topic !== 'foreign',
    limits: { maxReplays: 5, ...limits },
  });
  return {
    replay: replay.map(({ id }) => id),
    skipped: Object.fromEntries(skipped.map(({ letter, reason }) => [letter.id, reason])),
  };
}

const at = (time: string) => ({ timestampMs: Date.parse(`2026-11-23T${time}Z`) });

describe('the order', () => {
  it('of a partition is that of the offsets, whatever order the letters have', () => {
    const letters = [letterOf('6@2', 12), letterOf('6@0', 10), letterOf('6@1', 11)];
    expect(plan(letters)).toEqual({ replay: ['6@0', '6@1', '6@2'], skipped: {} });
  });

  it('of a failed replay is that of its record at first', () => {
    const letters = [
      letterOf('6@0', 5),
      letterOf('6@1', 6),
      letterOf('6@2', 10, { replays: 1, replayOf: '6@0' }),
      letterOf('6@3', 20, { replays: 2, replayOf: '6@2' }),
    ];
    const records = [replayAt(10, '6@0', 1), replayAt(20, '6@2', 2)];
    expect(plan(letters, { records }).replay).toEqual(['6@3', '6@1']);
  });

  it('among partitions is by age, and clocks that differ change none within one', () => {
    const letters = [
      letterOf('6@0', 1, at('12:00:05')),
      letterOf('6@1', 2, at('12:00:01')),
      letterOf('7@0', 9, { ...at('12:00:03'), lane: 7 }),
      letterOf('8@0', 9, { ...at('12:00:06'), lane: 8, topic: 'nicochat.inbound-events.v1' }),
    ];
    expect(plan(letters).replay).toEqual(['7@0', '6@0', '6@1', '8@0']);
  });

  it('goes first to those that --max lets through', () => {
    const letters = [letterOf('6@1', 2), letterOf('6@0', 1), letterOf('6@2', 3)];
    expect(plan(letters, { limits: { max: 2 } })).toEqual({ replay: ['6@0', '6@1'], skipped: { '6@2': 'beyond-max' } });
  });

  it('does not run in circles by made-up headers', () => {
    const letters = [letterOf('6@0', 1, { replayOf: '6@1' }), letterOf('6@1', 2, { replayOf: '6@0' })];
    expect(plan(letters).replay).toEqual(['6@0', '6@1']);
  });
});

describe('what was replayed before', () => {
  it('is left out, and what came of it is not', () => {
    const letters = [letterOf('6@0', 5), letterOf('6@1', 10, { replays: 1, replayOf: '6@0' }), letterOf('6@2', 7)];
    const records = [recordAt(9), replayAt(10, '6@0', 1)];
    expect(plan(letters, { records })).toEqual({ replay: ['6@2', '6@1'].toReversed(), skipped: { '6@0': 'replayed' } });
  });

  it.each([
    ['another count', replayAt(10, '6@0', 2)],
    ['another key', replayAt(10, '6@0', 1, 'acme/502')],
    ['another id', replayAt(10, '7@0', 1)],
  ])('is not a record with %s', (_what, record) => {
    expect(plan([letterOf('6@0', 5)], { records: [record] }).replay).toEqual(['6@0']);
  });

  it('counts for a second letter of the same record', () => {
    const letters = [letterOf('6@0', 5), letterOf('6@1', 5)];
    expect(plan(letters)).toEqual({ replay: ['6@0'], skipped: { '6@1': 'repeated' } });
    expect(plan(letters, { records: [replayAt(10, '6@1', 1)] })).toEqual({
      replay: [],
      skipped: { '6@0': 'repeated', '6@1': 'replayed' },
    });
  });

  it('counts not for a letter of another record at the same place, in a topic that was made anew', () => {
    const letters = [letterOf('6@0', 5, { fingerprint: 'old' }), letterOf('6@1', 5, { fingerprint: 'new' })];
    expect(plan(letters).replay).toEqual(['6@0', '6@1']);
  });

  it('counts also where the filter passes its letter over', () => {
    const letters = [letterOf('6@0', 5), letterOf('6@1', 5, { reason: 'too-old' })];
    const meant = ({ reason }: DeadLetter) => reason === 'too-old';
    expect(plan(letters, { meant })).toEqual({ replay: ['6@1'], skipped: {} });
    expect(plan(letters, { meant, records: [replayAt(10, '6@0', 1)] }).skipped).toEqual({ '6@1': 'repeated' });
  });
});

describe('a letter is left out', () => {
  it('that was replayed as often as it may', () => {
    const letters = [letterOf('6@0', 5, { replays: 4 }), letterOf('6@1', 6, { replays: 5 })];
    expect(plan(letters)).toEqual({ replay: ['6@0'], skipped: { '6@1': 'too-often' } });
    expect(plan(letters, { limits: { maxReplays: 6 } }).replay).toEqual(['6@0', '6@1']);
  });

  it('that has no way back', () => {
    const letters = [letterOf('6@0', 5, { topic: 'foreign' }), { ...letterOf('6@1', 6), origin: undefined }];
    expect(plan(letters)).toEqual({ replay: [], skipped: { '6@0': 'no-way-back', '6@1': 'no-way-back' } });
  });

  it('whose replay its topic may have forgotten, unless that is taken', () => {
    const letters = [letterOf('6@0', 5, at('12:00:00'))];
    const records = [recordAt(50, { atMs: Date.parse('2026-11-23T12:00:00Z') })];
    expect(plan(letters, { keptFrom: 50, records })).toEqual({ replay: [], skipped: { '6@0': 'forgotten' } });
    expect(plan(letters, { keptFrom: 50, records, limits: { includeForgotten: true } }).replay).toEqual(['6@0']);
  });
});
