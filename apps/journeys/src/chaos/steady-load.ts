import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosConversation } from './conversations.ts';

/**
 * Gives every conversation its next number in turn, `rate` a second in all, whatever becomes of them: what a conversation
 * cannot take yet waits in it, in order.
 */
export function createSteadyLoad(options: {
  conversations: ChaosConversation[];
  rate: number;
  send(conversation: ChaosConversation, number: number): Promise<void>;
}) {
  const { conversations, rate, send } = options;
  const tails = new Map<string, Promise<void>>();
  const given = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let total = 0;
  let open = 0;
  let stopped = false;

  function giveNext(): void {
    const conversation = conversations[total % conversations.length];
    if (!conversation) return;
    const { key } = conversation;
    const number = (given.get(key) ?? 0) + 1;
    given.set(key, number);
    total += 1;
    open += 1;
    const sent = (tails.get(key) ?? Promise.resolve()).then(() => (stopped ? undefined : send(conversation, number)));
    tails.set(
      key,
      sent.finally(() => {
        open -= 1;
      }),
    );
  }

  return {
    begin(): void {
      const start = Date.now();
      // By the clock, not by the tick: a busy machine gets the rate as well.
      const catchUp = () => {
        while (total < ((Date.now() - start) / 1_000) * rate) giveNext();
      };
      timer = setInterval(catchUp, 20);
    },
    /** Gives out no more. */
    end: () => clearInterval(timer),
    /** How many are not through yet. */
    open: () => open,
    isStopped: () => stopped,
    /** Gives up on what is not through, and waits for what is under way. */
    async stop(): Promise<void> {
      stopped = true;
      clearInterval(timer);
      await Promise.race([Promise.allSettled(tails.values()), pause(20_000)]);
    },
  };
}
