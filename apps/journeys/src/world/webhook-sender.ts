import { defaultScheme, sign } from '@bridge/signature';
import type { Connection } from './bridge-folder.ts';

export type WebhookAnswer = { status: number; headers: Headers; body: string };

/** Posts these bytes to a connection's webhook as NicoChat might, with the usual signature unless headers are given. */
export async function postWebhook(
  connection: Connection,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = signed(connection, body),
): Promise<WebhookAnswer> {
  const response = await fetch(connection.webhookUrl, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** The headers that sign a body with the connection's key, in the default scheme. */
export function signed(connection: Connection, body: string | Uint8Array): Record<string, string> {
  return sign({ body: Buffer.from(body), secret: connection.verificationKey, scheme: defaultScheme });
}
