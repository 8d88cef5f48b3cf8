export const hops = [
  'webhook → inbound-events',
  'inbound-events → channels',
  'send-commands → send-results',
  'send-commands → bot_url',
] as const;

export type Hop = (typeof hops)[number];
export type Fault = 'lost' | 'doubled' | 'out of order' | 'other';

/** A promise that was not kept. */
export type Violation = { hop: Hop; fault: Fault; detail: string };

/** Something that came twice, as it may, and why it may. */
export type AllowedRepeat = { hop: Hop; detail: string; because: string[] };

export type Account = {
  /** How many were checked, by hop. */
  checked: Record<Hop, number>;
  violations: Violation[];
  repeats: AllowedRepeat[];
  /** What is worth knowing and breaks no promise. */
  notes: string[];
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

const mostShown = 40;

/** The account as lines to read: a table of the hops, then each violation and each repeat. */
export function accountLines({ checked, violations, repeats, notes }: Account): string[] {
  const count = (hop: Hop, fault: Fault) => violations.filter((one) => one.hop === hop && one.fault === fault).length;
  const row = (cells: (string | number)[]) =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(30) : String(cell).padStart(13))).join('');
  const table = hops.map((hop) => {
    const allowed = repeats.filter((one) => one.hop === hop).length;
    const faults = (['lost', 'doubled', 'out of order', 'other'] as const).map((fault) => count(hop, fault));
    return row([hop, checked[hop], ...faults, allowed]);
  });
  return [
    row(['hop', 'checked', 'lost', 'doubled', 'out of order', 'other', 'may repeat']),
    ...table,
    ...listed(
      'Broken promises',
      violations.map(({ hop, fault, detail }) => `${hop}: ${fault}: ${detail}`),
    ),
    ...listed(
      'Repeats that are allowed',
      repeats.map(({ hop, detail, because }) => `${hop}: ${detail}; ${because.join(', ')}`),
    ),
    ...listed('Notes', notes),
  ];
}

function listed(title: string, lines: string[]): string[] {
  if (lines.length === 0) return [];
  const rest = lines.length > mostShown ? [`  … and ${lines.length - mostShown} more`] : [];
  return ['', `${title}:`, ...lines.slice(0, mostShown).map((line) => `  ${line}`), ...rest];
}
