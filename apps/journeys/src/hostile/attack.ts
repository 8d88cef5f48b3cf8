import type { SeededRandom } from '../chaos/seeded-random.ts';

/** What one hostile client does on one connection. */
export type Attack = {
  /** Written one after the other; a number is a pause in milliseconds. */
  writes: (string | Buffer | number)[];
  /** What it does then: waits for answers (unless told otherwise), ends its half of the connection and waits, or is gone. */
  after?: 'wait' | 'end' | 'vanish';
  /** How many answers it waits for; one unless told. */
  answers?: number;
  /** It never reads, and is gone in the end. */
  deaf?: true;
};

/** What the makers of attacks know of the server. Only a client with the key can sign. */
export type Target = {
  random: SeededRandom;
  path: string;
  key: string;
  bodyLimitBytes: number;
  signed(body: string | Buffer): Headers;
};

export type HostileKind = {
  name: string;
  /** How often it comes, against the others; 10 is usual. */
  weight: number;
  attack(target: Target): Attack;
};

export type Headers = Record<string, string>;

/** One request in bytes, `content-length` included unless the headers have one or say `chunked`. Nothing is checked. */
export function request(
  target: Pick<Target, 'path'>,
  given: {
    method?: string;
    path?: string;
    version?: string;
    headers?: Headers;
    lines?: string[];
    body?: string | Buffer;
  },
): Buffer {
  const { method = 'POST', path = target.path, version = 'HTTP/1.1', headers = {}, lines = [] } = given;
  const body = Buffer.from(given.body ?? '');
  const bare = 'content-length' in headers || 'transfer-encoding' in headers || (method === 'GET' && body.length === 0);
  const all = { host: 'bridge', ...(bare ? {} : { 'content-length': String(body.length) }), ...headers };
  const fields = [...Object.entries(all).map(([name, value]) => `${name}: ${value}`), ...lines];
  const head = `${method} ${path} ${version}\r\n${fields.map((line) => `${line}\r\n`).join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

export const chunk = (data: string | Buffer) =>
  Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), Buffer.from(data), Buffer.from('\r\n')]);

export function randomBytes(random: SeededRandom, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => random.integer(0, 255)));
}

/** A webhook as it should be. */
export const goodBody = (content: string) =>
  JSON.stringify({ event: 'message_created', message_type: 'outgoing', content, conversation_id: 501 });
