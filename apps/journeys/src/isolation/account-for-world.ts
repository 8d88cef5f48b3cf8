import type { Violation } from '../chaos/account.ts';
import { checkCommands } from '../chaos/check-commands.ts';
import { commandRecordOf, deadLetter, readWhole, receiptsOf, resultRecord } from '../chaos/collect-evidence.ts';
import type { DeadLetter, ProducedCommand, ResultRecord } from '../chaos/evidence.ts';
import type { JournalEntry } from '../world/simulator-client.ts';
import type { IsolationWorld } from './isolation-world.ts';
import { isGood, timingsOf } from './timings.ts';
import type { Timing } from './timings.ts';

/** What came of all the commands of a world. */
export type WorldAccount = { violations: Violation[]; timings: Timing[]; deadLetters: DeadLetter[] };

/** Reads a world's topics and its bots' journal, and checks every command: nothing here excuses a repeat. */
export async function accountForWorld(
  { topics, simulator }: Pick<IsolationWorld, 'topics' | 'simulator'>,
  produced: ProducedCommand[],
): Promise<WorldAccount> {
  const { names } = topics;
  const journal = await simulator.journal({ kind: 'received' });
  const commands = (await readWhole(topics, names.sendCommands)).map((record) => ({
    ...commandRecordOf(record),
    at: record.timestampMs,
  }));
  const results = (await readWhole(topics, names.sendResults)).map(resultRecord);
  const deadLetters = (await readWhole(topics, names.deadLetters)).map(deadLetter);
  const keys = new Map(produced.map(({ id, key }) => [id, key]));
  const evidence = { produced, commands, results, deadLetters, receipts: acceptedOf(journal, keys) };
  const { violations = [] } = checkCommands(evidence, { happenings: [], startedAt: 0 });
  return {
    violations: [...violations, ...notSent(results, keys)],
    timings: timingsOf(commands, results),
    deadLetters,
  };
}

/** A slow answer is an answer: it explains no repeat, as the other faults of a bot do. */
function acceptedOf(journal: JournalEntry[], keys: Map<string, string>) {
  return receiptsOf(journal, () => '').map(({ commandId, at }) => ({ commandId, at, key: keys.get(commandId) ?? '' }));
}

/** Whatever becomes of the bad connection's, the others' commands must all be sent. */
function notSent(results: ResultRecord[], keys: Map<string, string>): Violation[] {
  const hop = 'send-commands → bot_url';
  return results
    .filter(({ commandId, outcome }) => outcome !== 'sent' && isGood({ connection: connectionOfKey(keys, commandId) }))
    .map(({ commandId, outcome }) => ({ hop, fault: 'other', detail: `${commandId} ended as ${outcome}` }));
}

const connectionOfKey = (keys: Map<string, string>, commandId: string) => keys.get(commandId)?.split('/')[0] ?? '';
