import { readTopic } from '@bridge/kafka';
import type { ConsumedRecord } from '@bridge/kafka';
import { percentiles } from '../measure/percentiles.ts';
import type { Percentiles } from '../measure/percentiles.ts';
import { sharedNowMs } from '../measure/shared-clock.ts';
import { answerParent } from '../world/answer-parent.ts';
import { kafkaClient } from './kafka-client.ts';

/** What the reader, a process of its own, is asked. It reads committed records only, as they come. */
export type ReaderQuestion =
  | { kind: 'follow'; brokers: string; prefix: string; topic: string }
  | { kind: 'reset' }
  | { kind: 'count' }
  | { kind: 'report' };

/** How long records took from when their message was due. `repeated`: came more than once. */
export type ReaderReport = { received: number; repeated: number; latency: Percentiles | undefined };

/** As the streams begin their texts, wherever these stand in a record. */
const beginning = /"#(\d+)@(\d+\.\d+) /;

let reader: Awaited<ReturnType<typeof readTopic>> | undefined;
let latenciesMs: number[] = [];
let seen = new Set<string>();

function take({ value }: ConsumedRecord): void {
  const nowMs = sharedNowMs();
  const [mark, , dueMs] = beginning.exec(value ?? '') ?? [];
  if (mark === undefined) return;
  latenciesMs.push(nowMs - Number(dueMs));
  seen.add(mark);
}

function reset(): void {
  latenciesMs = [];
  seen = new Set();
}

answerParent(async (question: ReaderQuestion): Promise<ReaderReport> => {
  if (question.kind === 'reset') reset();
  if (question.kind === 'follow') {
    await reader?.stop();
    const { brokers, prefix, topic } = question;
    reader = await readTopic({ client: kafkaClient(brokers, prefix), topic, from: 'end', onRecord: take });
  }
  const received = latenciesMs.length;
  const latency = question.kind === 'report' ? percentiles(latenciesMs) : undefined;
  return { received, repeated: received - seen.size, latency };
});
