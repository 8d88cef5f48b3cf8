/** What the simulator noted of one request; `body` is its exact text. */
export type JournalEntry = {
  sequence: number;
  at: string;
  kind: 'received' | 'sent' | 'handshake' | 'management';
  workspace: string | null;
  conversation: string | null;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  status: number | null;
  outcome: string;
  fault?: string;
};

type JournalPage = { entries: JournalEntry[]; next: number };

export type DeliveryReport = { delivered: boolean; status: number | null };

export type SimulatorClient = ReturnType<typeof createSimulatorClient>;

/** The simulator's control API, and its `bot_url` as an end user's system sees it. */
export function createSimulatorClient(port: number, host = '127.0.0.1') {
  const base = `http://${host}:${port}`;

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(base + path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  return {
    /** Delivers one message or payload to the workspace's webhook, and tells what became of it. */
    deliver: (workspace: string, delivery: object) =>
      call('POST', `/control/workspaces/${workspace}/deliver`, delivery) as Promise<DeliveryReport>,
    addFault: (workspace: string, fault: object) => call('POST', `/control/workspaces/${workspace}/faults`, fault),
    clearFaults: (workspace: string) => call('DELETE', `/control/workspaces/${workspace}/faults`),
    changeWorkspace: (workspace: string, change: object) => call('PATCH', `/control/workspaces/${workspace}`, change),
    workspace: (workspace: string) =>
      call('GET', `/control/workspaces/${workspace}`) as Promise<{
        webhook: { url: string; verificationKey: string } | null;
      }>,
    /** All that it received or sent, oldest first. */
    async journal(query: { kind: JournalEntry['kind']; workspace?: string; conversation?: string }) {
      const all: JournalEntry[] = [];
      for (let since = 0; ;) {
        const parameters = new URLSearchParams({ ...query, limit: '10000', since: String(since) });
        const page = (await call('GET', `/control/journal?${parameters.toString()}`)) as JournalPage;
        all.push(...page.entries);
        if (page.entries.length === 0) return all;
        since = page.next;
      }
    },
  };
}
