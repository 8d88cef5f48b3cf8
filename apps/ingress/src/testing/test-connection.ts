import { defaultScheme, sign } from '@bridge/signature';
import type { IngressConnection } from '../receive-webhook.ts';

export const currentKey = 'current-verification-key';
export const oldKey = 'retired-verification-key';

/** A connection as the configuration hands it out, for tests. */
export function testConnection(change: Partial<IngressConnection> = {}): IngressConnection {
  return {
    id: 'acme',
    workspace: 4821,
    verificationKeys: [{ key: currentKey }, { key: oldKey }],
    signature: { ...defaultScheme, mode: 'enforce', capture: 0 },
    limits: { requestsPerSecond: 5, burst: 10, concurrency: 4 },
    onUnknownOutcome: 'resend',
    conversationId: 'number',
    mediaShape: 'chatwoot-attachments',
    ...change,
  };
}

/** The headers that prove `body` to be from one who knows `secret`. */
export function signed(body: string | Buffer, secret = currentKey): Record<string, string> {
  return sign({ body: Buffer.from(body), secret, scheme: defaultScheme });
}
