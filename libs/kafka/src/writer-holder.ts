import { openTransactionalWriter } from './transactional-writer.ts';
import type { TransactionalWriter } from './transactional-writer.ts';

/** A transactional writer that is opened when it is first needed, and in place of which comes another one after a failure. */
export type WriterHolder = {
  current(): Promise<TransactionalWriter>;
  write: TransactionalWriter['write'];
  /** A transaction was not committed, or perhaps it was: the writer is given up, and the next one begins by finding out. */
  renew(): void;
  /** Nothing of a writer that was given up is open any more. Rejects when that can not be reached. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Each of its writers has a transactional id of its own, `<name>-<number>`. Were it the same, so would be the producer id: should
 * Kafka forget to end a transaction that was broken off, the next commit by that producer id would commit it.
 */
export function createWriterHolder({
  name,
  ...options
}: Omit<Parameters<typeof openTransactionalWriter>[0], 'transactionalId'> & { name: string }): WriterHolder {
  let number = 0;
  let isInDoubt = false;
  let writer: Promise<TransactionalWriter> | undefined;

  const openNumber = () => openTransactionalWriter({ ...options, transactionalId: `${name}-${number}` });

  async function open(): Promise<TransactionalWriter> {
    if (isInDoubt) {
      // A second one of the same id ends what the first left open.
      await (await openNumber()).close();
      isInDoubt = false;
      number += 1;
    }
    return openNumber();
  }

  function current(): Promise<TransactionalWriter> {
    if (writer) return writer;
    const opening = open();
    writer = opening;
    opening.catch(() => {
      if (writer === opening) writer = undefined;
    });
    return opening;
  }

  async function close(): Promise<void> {
    const closing = writer;
    writer = undefined;
    await closing?.then((one) => one.close()).catch(() => undefined);
  }

  return {
    current,
    write: async (...what) => (await current()).write(...what),
    renew() {
      isInDoubt = true;
      void close();
    },
    settle: async () => void (isInDoubt && (await current())),
    close,
  };
}
