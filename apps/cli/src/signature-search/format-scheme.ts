import { defaultScheme } from '@bridge/signature';
import type { SignatureScheme } from '@bridge/signature';

/** A scheme as the `signature` of a connection in bridge.yaml: one line, to paste, that enforces it. */
export function formatScheme(scheme: SignatureScheme): string {
  const { headers, algorithm, encoding, prefix, signedContent, timestampHeader, toleranceSeconds } = scheme;
  const entries: [string, string][] = [
    ['headers', `[${headers.map(yamlText).join(', ')}]`],
    ['algorithm', algorithm],
    ['encoding', encoding],
  ];
  if (prefix !== `${algorithm}=`) entries.push(['prefix', JSON.stringify(prefix)]);
  if (signedContent !== 'body') entries.push(['signedContent', signedContent]);
  if (timestampHeader !== defaultScheme.timestampHeader) entries.push(['timestampHeader', yamlText(timestampHeader)]);
  if (toleranceSeconds !== defaultScheme.toleranceSeconds) entries.push(['toleranceSeconds', String(toleranceSeconds)]);
  entries.push(['mode', 'enforce']);
  return `signature: { ${entries.map(([key, value]) => `${key}: ${value}`).join(', ')} }`;
}

/** A header's name may be `null`, `1e5` or hold a `#`: only what YAML can but read as a text goes without quotes. */
function yamlText(name: string): string {
  return /^[a-z]+(-[a-z0-9]+)+$|^signature$/.test(name) ? name : JSON.stringify(name);
}
