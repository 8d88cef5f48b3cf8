import { parseJson, stringifyJson } from '@bridge/schemas';
import type { SignatureScheme } from '@bridge/signature';
import type { Sample } from './sample.ts';

/** What a sender may have put under its signature. */
export type SignedContent = {
  /** For people. */
  name: string;
  bytes: Buffer;
  /** How bridge.yaml says it, where it can. */
  configured?: Pick<SignatureScheme, 'signedContent'> & Partial<Pick<SignatureScheme, 'timestampHeader'>>;
};

type Timestamp = { text: string; header?: string };

/** What bridge.yaml has a word for comes first; the rest is known from other houses, and can only be told. */
export function signedContents(sample: Sample): SignedContent[] {
  const { body } = sample;
  return [
    { name: 'the body', bytes: body, configured: { signedContent: 'body' } },
    ...timestampsOf(sample).flatMap((timestamp) => withTimestamp(sample, timestamp)),
    ...sample.urls.flatMap((url) => [
      { name: `its address (${url}) and the body`, bytes: join(url, body) },
      { name: `its address (${url}), a dot and the body`, bytes: join(`${url}.`, body) },
    ]),
    ...rewrittenBodies(body),
  ];
}

function withTimestamp({ headers, body }: Sample, { text, header }: Timestamp): SignedContent[] {
  const from = header === undefined ? 't= beside the signature' : header;
  const ids = headers.filter(({ name }) => /(^|-)id$/.test(name));
  const others: [string, Buffer][] = [
    ['the timestamp and the body', join(text, body)],
    ['the timestamp, a colon and the body', join(`${text}:`, body)],
    ['"v0:", the timestamp, a colon and the body', join(`v0:${text}:`, body)],
    ['the timestamp, a line break and the body', join(`${text}\n`, body)],
    ['the body and the timestamp', join(body, text)],
    ['the body, a dot and the timestamp', join(body, `.${text}`)],
    ...ids.map(({ name, value }): [string, Buffer] => [
      `the id of ${name}, a dot, the timestamp, a dot and the body`,
      join(`${value}.${text}.`, body),
    ]),
  ];
  return [
    {
      name: `the timestamp (${from}), a dot and the body`,
      bytes: join(`${text}.`, body),
      configured: { signedContent: 'timestamp.body', ...(header !== undefined && { timestampHeader: header }) },
    },
    ...others.map(([name, bytes]) => ({ name: `${name} (timestamp: ${from})`, bytes })),
  ];
}

/** Every header that could be a time, and a `t=` inside another. */
function timestampsOf({ headers }: Sample): Timestamp[] {
  return headers.flatMap(({ name, value }): Timestamp[] => {
    const text = value.trim();
    const isTime = /^\d{9,17}$/.test(text) || (/time|date/.test(name) && !Number.isNaN(Date.parse(text)));
    const inside = /(?:^|[\s,;])t=(\d+)(?=$|[\s,;])/.exec(value)?.[1];
    return [...(isTime ? [{ text, header: name }] : []), ...(inside === undefined ? [] : [{ text: inside }])];
  });
}

/** Who signs before the JSON is written for the wire, or after it was read, signs other bytes than those that came. */
function rewrittenBodies(body: Buffer): SignedContent[] {
  const text = body.toString('utf8');
  const rewritten: [string, string][] = [['the body without the white space around it', text.trim()]];
  try {
    const json = stringifyJson(parseJson(text));
    const php = json
      .replaceAll('/', String.raw`\/`)
      .replaceAll(/[\u0080-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    rewritten.push(
      ['the body, written again as JavaScript writes it', json],
      ['the body, written again as PHP does', php],
    );
  } catch {
    // No JSON: there is nothing to write again.
  }
  return rewritten
    .filter(([, content]) => content !== text)
    .map(([name, content]) => ({ name, bytes: Buffer.from(content) }));
}

function join(first: Buffer | string, second: Buffer | string): Buffer {
  return Buffer.concat([Buffer.from(first), Buffer.from(second)]);
}
