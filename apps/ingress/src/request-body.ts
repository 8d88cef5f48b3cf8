import type { IncomingMessage } from 'node:http';
import type { BodyBudget } from './body-budget.ts';

export type RequestBody =
  | { kind: 'read'; bytes: Buffer }
  | { kind: 'body-too-large' }
  | { kind: 'body-incomplete' }
  | { kind: 'body-shed' }
  | { kind: 'encoding-unsupported' };

/**
 * Reads the raw bytes of a request, of any content type, hands them to `use`, and counts them against the budget until
 * that is done. Nothing is inflated: the signature is over the bytes as sent, and a compressed body could swell beyond
 * every limit. A refused body is answered at once, and the rest of it read and dropped until the server's request
 * timeout: to close the socket instead could lose the answer.
 */
export async function withRequestBody<T>(
  request: IncomingMessage,
  budget: BodyBudget,
  use: (body: RequestBody) => Promise<T>,
): Promise<T> {
  const refused = refusalOf(request, budget.largestBytes);
  if (refused) {
    request.resume();
    return use(refused);
  }
  const { body, done } = await readBody(request, budget);
  try {
    return await use(body);
  } finally {
    done();
  }
}

function readBody(request: IncomingMessage, { largestBytes, open }: BodyBudget) {
  return new Promise<{ body: RequestBody; done(): void }>((resolve) => {
    // One buffer that grows. A list of what arrives would let a sender of single bytes take a hundredfold of them.
    let buffer = Buffer.alloc(0);
    let length = 0;
    let ended = false;
    const end = (body: RequestBody) => {
      if (ended) return;
      ended = true;
      share.keep();
      buffer = Buffer.alloc(0);
      resolve({ body, done: share.close });
    };
    const share = open(() => end({ kind: 'body-shed' }));

    request.on('data', (chunk: Buffer) => {
      if (ended) return;
      const needed = length + chunk.length;
      if (needed > largestBytes) return end({ kind: 'body-too-large' });
      if (needed > buffer.length) {
        const capacity = Math.min(largestBytes, Math.max(needed, buffer.length * 2));
        if (!share.take(capacity - buffer.length)) return;
        const grown = Buffer.allocUnsafe(capacity);
        buffer.copy(grown, 0, 0, length);
        buffer = grown;
      }
      chunk.copy(buffer, length);
      length = needed;
    });
    request.once('end', () => end({ kind: 'read', bytes: buffer.subarray(0, length) }));
    request.once('close', () => end({ kind: 'body-incomplete' }));
  });
}

function refusalOf({ headers }: IncomingMessage, largestBytes: number): RequestBody | undefined {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') return { kind: 'encoding-unsupported' };
  // Without a length (chunked) the bytes are counted as they come.
  if (Number(headers['content-length'] ?? 0) > largestBytes) return { kind: 'body-too-large' };
  return undefined;
}
