import type { Capture } from '@bridge/schemas';

/** A captured request as the search needs it. */
export type Sample = {
  /** Names in lower case; one that came twice stands twice. */
  headers: { name: string; value: string }[];
  body: Buffer;
  /** The addresses that it may have been sent to, as the sender may have written them. */
  urls: string[];
  receivedAt: Date;
};

/** @param publicUrl of bridge.yaml, where there is one */
export function sampleOf(capture: Capture, publicUrl?: string): Sample {
  const headers = capture.headers.map(([name, value]) => ({ name: name.toLowerCase(), value }));
  const path = capture.path.split('?', 1)[0] ?? '';
  const host = headers.find(({ name }) => name === 'host')?.value;
  const origins = [publicUrl, host && `https://${host}`, host && `http://${host}`].filter((one) => one !== undefined);
  return {
    headers,
    body: Buffer.from(capture.bodyBase64, 'base64'),
    urls: [...new Set(origins.map((origin) => `${origin}${path}`))],
    receivedAt: new Date(capture.at),
  };
}
