import type { Capture, CaptureHead } from '@bridge/schemas';
import { printable } from '../printable.ts';

/** A capture in one line. */
export function formatCaptureHead({ id, at, connection, verdict, shape, sizeBytes, words }: CaptureHead): string {
  const facts = [id, at, connection, verdict.padEnd(11), `shape ${shape}`, `${sizeBytes} bytes`];
  return [...facts, ...words.map(printable)].join(' ');
}

/** All of a capture, for people, with whatever a terminal would obey shown as an escape. */
export function formatCapture(capture: Capture): string[] {
  const { method, path, headers, bodyBase64, redacted } = capture;
  const body = Buffer.from(bodyBase64, 'base64').toString('utf8');
  return [
    formatCaptureHead(capture),
    '',
    printable(`${method} ${path}`),
    ...headers.map(([name, value]) => printable(`${name}: ${value}`)),
    '',
    ...body.split('\n').map(printable),
    ...(redacted ? ['', '(a verification key stood in the body; it was replaced)'] : []),
  ];
}
