import { createPublisher } from '@bridge/kafka';
import type { Publisher } from '@bridge/kafka';
import { answerParent } from '../world/answer-parent.ts';
import { commandRecord } from '../world/command-backlog.ts';
import { kafkaClient } from './kafka-client.ts';
import { pace } from './pace.ts';

/** What the producer, a process of its own, is asked. `name` makes the commands of a stream others than those of the next. */
export type ProducerQuestion =
  | { kind: 'open'; brokers: string; prefix: string }
  | { kind: 'stream'; name: string; topic: string; perSecond: number; seconds: number; conversations: number };

export type ProducerReport = { sent: number; failed: number };

const connections = ['company-1'];
const sizeBytes = 1_024;
let publisher: Publisher | undefined;

answerParent((question: ProducerQuestion): unknown => {
  if (question.kind === 'stream') return stream(question);
  publisher = createPublisher({ client: kafkaClient(question.brokers, question.prefix) });
  return publisher.start();
});

/** Send commands at a steady rate, each of which tells when it was due. */
async function stream(question: ProducerQuestion & { kind: 'stream' }): Promise<ProducerReport> {
  const { name, topic, perSecond, seconds, conversations } = question;
  const load = { name, connections, conversations, sizeBytes };
  const published: Promise<boolean>[] = [];
  const sent = await pace({
    perSecond,
    seconds,
    onDue(index, dueMs) {
      const publishing = publisher?.publish([commandRecord(topic, load, index, dueMs)]) ?? Promise.reject(new Error());
      published.push(
        publishing.then(
          () => true,
          () => false,
        ),
      );
    },
  });
  const failed = (await Promise.all(published)).filter((ok) => !ok).length;
  return { sent, failed };
}
