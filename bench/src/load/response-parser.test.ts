import { describe, expect, it } from 'vitest';
import { createResponseParser } from './response-parser.ts';
import type { ParsedResponse } from './response-parser.ts';

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 15\r\n\r\n{"status":"ok"}';
const chunked =
  'HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1a;x=y\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nx-trailer: 1\r\n\r\n';
const last = 'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\ncontent-length: 0\r\n\r\n';
const early = 'HTTP/1.1 100 Continue\r\n\r\n';
const empty = 'HTTP/1.1 204 No Content\r\n\r\n';
const all = ok + chunked + early + empty + ok + last;
const statuses = [200, 503, 204, 200, 401];

function parse(chunks: string[]): ParsedResponse[] {
  const responses: ParsedResponse[] = [];
  const parser = createResponseParser((response) => responses.push(response));
  for (const chunk of chunks) parser.push(Buffer.from(chunk));
  return responses;
}

const inPiecesOf = (size: number) =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));

describe('responses are read', () => {
  it.each([1, 2, 3, 7, 50, 100, all.length])('in pieces of %d bytes', (size) => {
    expect(parse(inPiecesOf(size)).map(({ status }) => status)).toEqual(statuses);
  });

  it('and whether another may follow', () => {
    expect(parse([all]).map(({ keepAlive }) => keepAlive)).toEqual([true, true, true, true, false]);
  });

  it('and not before they are complete', () => {
    expect(parse([ok.slice(0, -1)])).toEqual([]);
    expect(parse([chunked.slice(0, -1)])).toEqual([]);
  });
});

it.each([
  ['something else', 'SSH-2.0-OpenSSH\r\n\r\n', 'no HTTP/1.1 response'],
  ['one that ends with the connection', 'HTTP/1.1 200 OK\r\n\r\n', 'neither a length nor chunks'],
  ['chunks without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 'no size'],
  ['an endless head', `HTTP/1.1 200 OK\r\n${'x'.repeat(70_000)}`, 'too long'],
])('%s is refused', (_, text, message) => {
  expect(() => parse([text])).toThrow(message);
});
