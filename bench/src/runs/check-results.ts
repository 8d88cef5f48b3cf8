import { sendResultSchema } from '@bridge/schemas';

/** Checks that send-results holds one result for each of so many commands delivered, and that all of them were sent. */
export function checkResults(delivered: number) {
  const seen = new Set<string>();
  const outcomes: Record<string, number> = {};
  let repeated = 0;

  function take({ key, value }: { key: string | null; value: string | null }): void {
    const { commandId, outcome } = sendResultSchema.parse(JSON.parse(value ?? ''));
    const id = `${key} ${commandId}`;
    if (seen.has(id)) repeated += 1;
    seen.add(id);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }

  function faults(): string[] {
    const others = Object.entries(outcomes).filter(([outcome]) => outcome !== 'sent');
    return [
      ...(seen.size === delivered ? [] : [`${delivered} delivered, ${seen.size} results`]),
      ...(repeated > 0 ? [`${repeated} have two results`] : []),
      ...others.map(([outcome, count]) => `${count} ended as ${outcome}`),
    ];
  }
  return { take, faults };
}
