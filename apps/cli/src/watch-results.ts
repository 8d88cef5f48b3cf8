import { pause, readTopic } from '@bridge/kafka';
import type { Ack, ConsumedRecord, KafkaClient } from '@bridge/kafka';
import { parseJson, sendResultSchema } from '@bridge/schemas';
import type { SendCommand, SendResult } from '@bridge/schemas';

/**
 * Watches a topic of send results for the result of one command. To be started before the command is published, which
 * is why the place where the command was stored is told only later.
 */
export async function watchResults(client: KafkaClient, topic: string, command: SendCommand) {
  const candidates: { result: SendResult; commandOffset: string | undefined }[] = [];
  let arrived = () => {};
  const reader = await readTopic({
    client,
    topic,
    from: 'end',
    onRecord(record) {
      const result = resultIn(record);
      if (!result || !isAbout(result, command)) return;
      candidates.push({ result, commandOffset: record.headers['x-command-offset'] });
      arrived();
    },
  });

  // An earlier command with the same id may still be under way: the offset tells its result from ours.
  const resultOf = ({ offset }: Ack) =>
    candidates.find(({ commandOffset = offset }) => commandOffset === offset)?.result;

  return {
    /** The result of the command stored at `ack`, or undefined when `signal` aborts or `timeoutMs` pass before it comes. */
    async wait(ack: Ack, { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }) {
      const end = Date.now() + timeoutMs;
      while (!resultOf(ack) && !signal.aborted && Date.now() < end) {
        const wake = new AbortController();
        arrived = () => wake.abort();
        await Promise.race([pause(end - Date.now(), AbortSignal.any([signal, wake.signal])), reader.ended]);
      }
      return resultOf(ack);
    },
    stop: () => reader.stop(),
  };
}

function resultIn({ value }: ConsumedRecord): SendResult | undefined {
  try {
    return sendResultSchema.safeParse(parseJson(value ?? '')).data;
  } catch {
    return undefined;
  }
}

function isAbout({ commandId, connection, conversation }: SendResult, command: SendCommand): boolean {
  return (
    commandId === command.id &&
    (connection ?? command.connection) === command.connection &&
    (conversation?.id ?? command.conversation.id) === command.conversation.id
  );
}
