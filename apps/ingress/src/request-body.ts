import type { IncomingMessage } from 'node:http';

export type RequestBody =
  | { kind: 'read'; bytes: Buffer }
  | { kind: 'body-too-large' }
  | { kind: 'body-incomplete' }
  | { kind: 'encoding-unsupported' };

/**
 * Reads the raw bytes of a request, of any content type, up to `limitBytes`. Nothing is inflated: the signature is over
 * the bytes as sent, and a compressed body could swell beyond every limit. A refused body is answered at once, and the
 * rest of it read and dropped until the server's request timeout: to close the socket instead could lose the answer.
 */
export function readRequestBody(request: IncomingMessage, limitBytes: number): Promise<RequestBody> {
  const refused = refusalOf(request, limitBytes);
  if (refused) {
    request.resume();
    return Promise.resolve(refused);
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limitBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        resolve({ kind: 'body-too-large' });
      }
    });
    request.once('end', () => resolve({ kind: 'read', bytes: Buffer.concat(chunks) }));
    // After the end this resolves nothing any more.
    request.once('close', () => resolve({ kind: 'body-incomplete' }));
  });
}

function refusalOf({ headers }: IncomingMessage, limitBytes: number): RequestBody | undefined {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') return { kind: 'encoding-unsupported' };
  // Without a length (chunked) the bytes are counted as they come.
  if (Number(headers['content-length'] ?? 0) > limitBytes) return { kind: 'body-too-large' };
  return undefined;
}
