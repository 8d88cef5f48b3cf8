import { buildWebhookPayload, stringifyJson } from '@bridge/schemas';
import { defaultScheme, sign } from '@bridge/signature';
import { signatureHeader, verificationKey } from '../world/bridge-file.ts';

/** Of one byte each, so that they fill up to a byte; the greeting is what makes the whole not plain ASCII, as life is. */
const words = 'O pedido 4417 saiu hoje para entrega, e o motorista liga antes. ';
const greeting = 'Olá! ';
const scheme = { ...defaultScheme, headers: [signatureHeader] };

/** A text of the bot as NicoChat might deliver it, filled up to `sizeBytes` of JSON. */
export function webhookBody(options: {
  id: string;
  conversationId: string;
  sizeBytes: number;
  begin?: string;
}): Buffer {
  const { id, conversationId, sizeBytes, begin = '' } = options;
  const write = (content: string) =>
    Buffer.from(
      stringifyJson(
        buildWebhookPayload(
          'chatwoot',
          { kind: 'text', text: content },
          { conversationId, contactId: `cliente-${conversationId}`, messageId: id, author: 'bot' },
        ),
      ),
    );
  const start = begin + greeting;
  return write(start + fill(sizeBytes - write(start).length));
}

/** So many bytes of words. */
export const fill = (sizeBytes: number): string =>
  words.repeat(Math.ceil(Math.max(0, sizeBytes) / words.length)).slice(0, Math.max(0, sizeBytes));

/** The bytes of a signed request to ingress, head and body. */
export function webhookRequest(options: { host: string; path: string; body: Buffer }): Buffer {
  const { host, path, body } = options;
  const signature = sign({ body, secret: verificationKey, scheme });
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    'User-Agent: nicochat',
    'Accept: */*',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    ...Object.entries(signature).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}
