import type { OutboundConnection } from '../deliver-send-command.ts';

/** A connection as the configuration gives it, with what a test changes. */
export const testConnection = (changes: Partial<OutboundConnection> = {}): OutboundConnection => ({
  id: 'acme',
  workspace: 4821,
  signature: {
    headers: ['x-hub-signature-256'],
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'sha256=',
    signedContent: 'body',
    timestampHeader: '',
    toleranceSeconds: 300,
    mode: 'enforce',
    capture: 0,
  },
  limits: { requestsPerSecond: 5, burst: 10, concurrency: 4 },
  onUnknownOutcome: 'resend',
  conversationId: 'number',
  mediaShape: 'chatwoot-attachments',
  flowApiKey: 'flow-key',
  botUrl: 'https://bot.example/api/apichat/1',
  ...changes,
});
