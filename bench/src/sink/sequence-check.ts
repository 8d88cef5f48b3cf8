/** What a sink saw of the order in which it was called. */
export type SequenceReport = {
  received: number;
  /** Of them those that came for the first time. */
  delivered: number;
  /** Came again. */
  duplicates: number;
  /** Came before one of the same conversation that should have come first. */
  gaps: number;
  /** Came while another of the same conversation was not answered yet. */
  overlaps: number;
  mostInFlight: number;
  conversations: number;
  /** The first few of what should not be, in words. */
  examples: string[];
};

type Conversation = { next: number; inFlight: number };

const mostExamples = 5;

/** Checks, for each conversation, that its messages 0, 1, 2, … come in this order and one after another. */
export function createSequenceCheck() {
  const conversations = new Map<string, Conversation>();
  const examples: string[] = [];
  const counts = { received: 0, delivered: 0, duplicates: 0, gaps: 0, overlaps: 0 };
  let inFlight = 0;
  let mostInFlight = 0;

  function note(example: string): void {
    if (examples.length < mostExamples) examples.push(example);
  }

  /** True when it came for the first time. */
  function arrived(id: string, sequence: number): boolean {
    const conversation = conversations.get(id) ?? { next: 0, inFlight: 0 };
    conversations.set(id, conversation);
    counts.received += 1;
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    if (conversation.inFlight > 0) {
      counts.overlaps += 1;
      note(`${id}: ${sequence} came while another was under way`);
    }
    conversation.inFlight += 1;
    if (sequence < conversation.next) {
      counts.duplicates += 1;
      note(`${id}: ${sequence} came again`);
      return false;
    }
    if (sequence > conversation.next) {
      counts.gaps += 1;
      note(`${id}: ${sequence} came where ${conversation.next} was due`);
    }
    counts.delivered += 1;
    conversation.next = sequence + 1;
    return true;
  }

  function answered(id: string): void {
    inFlight -= 1;
    const conversation = conversations.get(id);
    if (conversation) conversation.inFlight -= 1;
  }

  const report = (): SequenceReport => ({
    ...counts,
    mostInFlight,
    conversations: conversations.size,
    examples: [...examples],
  });
  return { arrived, answered, report };
}
