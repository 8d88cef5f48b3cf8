/** The end of one HTTP response. */
export type ParsedResponse = { status: number; keepAlive: boolean };

/** A head that is longer is none. */
const longestHead = 64 * 1024;
const nothing = Buffer.alloc(0);

/**
 * Reads the HTTP/1.1 responses of one connection, however they are cut into chunks: bodies by Content-Length or chunked,
 * or none. `push` throws for what it can't read: then the connection is of no more use.
 */
export function createResponseParser(onResponse: (response: ParsedResponse) => void): { push(chunk: Buffer): void } {
  let rest: Buffer = nothing;
  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (;;) {
        const read = readResponse(rest);
        if (read === undefined) return;
        rest = rest.subarray(read.end);
        // 1xx announces the answer and is none.
        if (read.status >= 200) onResponse({ status: read.status, keepAlive: read.keepAlive });
        if (rest.length === 0) return;
      }
    },
  };
}

/** The response that the bytes begin with, and where it ends; undefined while it is not complete. */
function readResponse(bytes: Buffer): (ParsedResponse & { end: number }) | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) {
    if (bytes.length > longestHead) throw new Error('the head of a response is too long');
    return undefined;
  }
  const head = bytes.toString('latin1', 0, headEnd);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) throw new Error(`no HTTP/1.1 response: ${head.slice(0, 40)}`);
  const end = endOfBody(bytes, headEnd + 4, status, head);
  if (end === undefined || end > bytes.length) return undefined;
  return { status, end, keepAlive: !/\r\nconnection: *close/i.test(head) };
}

function endOfBody(bytes: Buffer, start: number, status: number, head: string): number | undefined {
  if (status < 200 || status === 204 || status === 304) return start;
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return endOfChunks(bytes, start);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error('a response has neither a length nor chunks');
  return start + Number(length);
}

function endOfChunks(bytes: Buffer, start: number): number | undefined {
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('a chunk has no size');
    if (size === 0) return endOfTrailers(bytes, lineEnd + 2);
    at = lineEnd + 2 + size + 2;
    if (at > bytes.length) return undefined;
  }
}

function endOfTrailers(bytes: Buffer, start: number): number | undefined {
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    if (lineEnd === at) return at + 2;
    at = lineEnd + 2;
  }
}
