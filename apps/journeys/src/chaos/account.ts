export const hops = [
  'webhook → inbound-events',
  'inbound-events → channels',
  'send-commands → send-results',
  'send-commands → bot_url',
] as const;

export type Hop = (typeof hops)[number];
const faults = ['lost', 'doubled', 'out of order', 'other'] as const;
export type Fault = (typeof faults)[number];

/** A promise that was not kept; `the run`: by the processes, not by a hop. */
export type Violation = { hop: Hop | 'the run'; fault: Fault; detail: string };

/** Something that came twice, as it may, and why it may. */
export type AllowedRepeat = { hop: Hop; detail: string; because: string[] };

export type Account = {
  /** How many were checked, by hop. */
  checked: Record<Hop, number>;
  violations: Violation[];
  repeats: AllowedRepeat[];
  /** What is worth knowing and breaks no promise. */
  notes: { hop: Hop; text: string }[];
};

/** Puts accounts of several checks together. */
export function mergeAccounts(...accounts: Partial<Account>[]): Account {
  const checked = Object.fromEntries(hops.map((hop) => [hop, 0])) as Record<Hop, number>;
  for (const account of accounts) Object.assign(checked, account.checked);
  return {
    checked,
    violations: accounts.flatMap(({ violations = [] }) => violations),
    repeats: accounts.flatMap(({ repeats = [] }) => repeats),
    notes: accounts.flatMap(({ notes = [] }) => notes),
  };
}

/** The account as lines to read: every violation, every repeat with its reason, and at the end each hop in short. */
export function accountLines(account: Account): string[] {
  const { violations, repeats } = account;
  return [
    ...listed(
      'Broken promises',
      violations.map(({ hop, fault, detail }) => `${hop}: ${fault}: ${detail}`),
    ),
    ...hops.flatMap((hop) => {
      const lines = repeats.flatMap((one) => (one.hop === hop ? `${one.detail}: ${one.because.join(', ')}` : []));
      return listed(`${hop}: what came again, as it may, and why`, lines);
    }),
    row(['hop', 'checked', ...faults, 'may repeat']),
    ...hops.map((hop) => rowOf(hop, account)),
    '',
    ...hops.flatMap((hop) => shortAccount(hop, account)),
  ];
}

function rowOf(hop: Hop, { checked, violations, repeats }: Account): string {
  const count = (fault: Fault) => violations.filter((one) => one.hop === hop && one.fault === fault).length;
  return row([hop, checked[hop], ...faults.map(count), repeats.filter((one) => one.hop === hop).length]);
}

const row = (cells: (string | number)[]) =>
  cells.map((cell, index) => (index === 0 ? String(cell).padEnd(30) : String(cell).padStart(13))).join('');

function shortAccount(hop: Hop, { notes, repeats }: Account): string[] {
  const reasons = repeats.flatMap((one) => (one.hop === hop ? one.because.join(' and ') : []));
  const lines = notes.flatMap((note) => (note.hop === hop ? note.text : []));
  if (reasons.length > 0) lines.push(`${reasons.length} came again: ${tally(reasons)}`);
  return lines.map((line, index) => `${(index === 0 ? hop : '').padEnd(30)}${line}`);
}

/** How often each word is there, most often first. */
export function tally(words: string[]): string {
  const groups = [...Map.groupBy(words, (word) => word)].toSorted(([, one], [, other]) => other.length - one.length);
  return groups.map(([word, all]) => `${all.length} ${word}`).join(', ') || 'none';
}

const listed = (title: string, lines: string[]) =>
  lines.length > 0 ? [`${title}:`, ...lines.map((line) => `  ${line}`), ''] : [];
