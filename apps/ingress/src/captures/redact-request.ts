import { keyMark } from '@bridge/schemas';

/** One request with its headers as they came: names and values in turns. */
export type RawRequest = { rawHeaders: readonly string[]; url: string; body: Buffer };

export type RedactedRequest = { headers: [string, string][]; path: string; body: Buffer; redacted: boolean };

const neverKept = /^(proxy-)?authorization$|^(set-)?cookie2?$/i;

/**
 * A request without what would let its reader in somewhere: credentials in headers, the values of the query, and the
 * verification keys wherever they stand. All else stays as it came, because the signature is over it.
 */
export function redactRequest({ rawHeaders, url, body }: RawRequest, keys: readonly string[]): RedactedRequest {
  const forms = keys.filter((key) => key !== '').flatMap(writtenForms);
  const withoutKeys = (text: string) => forms.reduce((rest, form) => rest.replaceAll(form, keyMark), text);
  // Latin-1 gives every byte one character, so that what is no UTF-8 stays as it is.
  const text = body.toString('latin1');
  const clean = withoutKeys(text);
  return {
    headers: pairs(rawHeaders).map(([name, value]) => [
      name,
      neverKept.test(name) ? hidden(value) : withoutKeys(value),
    ]),
    path: withoutKeys(pathWithNames(url)),
    body: Buffer.from(clean, 'latin1'),
    redacted: clean !== text,
  };
}

/** How a key is written: as it is, in a form or a query with hex in either case, in JSON, and in JSON as PHP writes it. */
function writtenForms(key: string): string[] {
  const percent = [encodeURIComponent(key), new URLSearchParams({ '': key }).toString().slice(1)];
  const lower = percent.map((form) => form.replaceAll(/%../g, (byte) => byte.toLowerCase()));
  const json = JSON.stringify(key).slice(1, -1);
  const ascii = json.replaceAll(
    /[\u0080-\uFFFF]/g,
    (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const php = [json, ascii].map((form) => form.replaceAll('/', String.raw`\/`));
  const written = [key, ...percent, ...lower, json, ascii, ...php].map((form) => Buffer.from(form).toString('latin1'));
  // The longest first: none may leave a rest of another behind.
  return [...new Set(written)].toSorted((a, b) => b.length - a.length);
}

/** That there was a credential, and of which kind, may be the clue that is looked for. */
function hidden(value: string): string {
  const scheme = /^([A-Za-z][\w-]{0,30}) /.exec(value)?.[1];
  return scheme === undefined ? '***' : `${scheme} ***`;
}

function pathWithNames(url: string): string {
  const [path = '', query] = url.split('?', 2);
  if (query === undefined) return path;
  return `${path}?${query.replaceAll(/=[^&]*/g, '')}`;
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  return rawHeaders.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? '']] : []));
}
