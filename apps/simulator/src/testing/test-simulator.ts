import { silentLogger } from '@bridge/telemetry';
import { createSimulator } from '../create-simulator.ts';
import type { JournalEntry } from '../journal.ts';
import { readPresetWorkspaces } from '../workspaces.ts';

export const account = { workspace: 1, email: 'demo@example.com', ChaveApi: 'demo-chave-api' };

/** A simulator on a free port with the demo's workspace, and short words for asking it. */
export async function startTestSimulator() {
  const simulator = createSimulator({
    host: '127.0.0.1',
    port: 0,
    presets: readPresetWorkspaces(undefined),
    log: silentLogger,
  });
  await simulator.start();
  const url = simulator.url();

  const json = async (method: string, path: string, body?: unknown) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...sent,
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as Record<string, unknown> };
  };

  return {
    url,
    control: (method: string, path: string, body?: unknown) => json(method, `/control${path}`, body),
    journal: async (query: string): Promise<JournalEntry[]> =>
      (await json('GET', `/control/journal?${query}`)).body['entries'] as JournalEntry[],
    manage: async (action: string, body: unknown = account, token = 'demo-chave-api') => {
      const response = await fetch(`${url}/api/apichat?action=${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    postToBot: (body: unknown, { token = 'demo-flow-key', signal }: { token?: string; signal?: AbortSignal } = {}) =>
      fetch(`${url}/bot/demo`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(signal && { signal }),
      }),
    stop: () => simulator.stop({ deadline: new Date(Date.now() + 5_000) }),
  };
}

/** A text of the demo's end user, as NicoChat documents it. */
export const textRequest = (content: string, conversation: number | string = 501) => ({
  content,
  message_type: 'incoming',
  sender: { id: 'cliente-77', name: 'Ana Souza', email: '', phone_number: '', type: 'contact' },
  conversation_id: conversation,
  event: 'message_created',
});
