/** A try, from when to when, that was not answered 200; `status` is undefined when there was no answer. */
export type Refusal = { from: number; to: number; status?: number };

/** A webhook that was sent, until it was answered 200. `key` is its conversation's, `number` its place there. */
export type SentWebhook = { key: string; number: number; refusals: Refusal[]; accepted: boolean };

/** One record of inbound-events or of a channel topic. Records of a partition come in their order. */
export type EventRecord = { topic: string; partition: number; offset: number; key: string; number: number };

export type ProducedCommand = { id: string; key: string; acked: boolean };

/** One record of send-commands, in the order of its partition. */
export type CommandRecord = { id: string; key: string; partition: number; offset: number };

/** One record of send-results; `at` is when the broker stored it, in milliseconds. */
export type ResultRecord = {
  commandId: string;
  partition: number;
  commandOffset: number;
  replays: string;
  outcome: string;
  value: string;
  at: number;
};

/** A message that took effect at the bot, in the order of arrival. `fault`: the bot took it and gave no good answer. */
export type Receipt = { commandId: string; key: string; at: number; fault?: string };

export type DeadLetter = { stage: string; reason: string; topic: string; partition: number; offset: number };

/** All that there is to judge after a run. */
export type Evidence = {
  webhooks: SentWebhook[];
  inbound: EventRecord[];
  channels: EventRecord[];
  produced: ProducedCommand[];
  commands: CommandRecord[];
  results: ResultRecord[];
  receipts: Receipt[];
  deadLetters: DeadLetter[];
};
