import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One span as OTLP's JSON has it, with its attributes as an object. */
export type ReceivedSpan = {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  links?: { traceId: string; spanId: string }[];
  /** `code` 2 is an error. */
  status: { code?: number; message?: string };
  attributes: Record<string, unknown>;
  /** The process that sent it, by `service.name`. */
  service: unknown;
};

type Attribute = { key: string; value: Record<string, unknown> };
type TracesRequest = {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: {
      scope: { name: string };
      spans: (Omit<ReceivedSpan, 'attributes' | 'service'> & { attributes: Attribute[] })[];
    }[];
  }[];
};

/** A receiver of traces by OTLP over HTTP, as JSON, on a free port of 127.0.0.1: it keeps all that comes. */
export async function startOtlpReceiver() {
  const posts: { path: string; contentType: string; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
    request.on('end', () => {
      posts.push({ path: request.url ?? '', contentType: request.headers['content-type'] ?? '', body });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const traces = () => posts.flatMap(({ body }) => (JSON.parse(body) as TracesRequest).resourceSpans);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    spans: (): ReceivedSpan[] =>
      traces().flatMap(({ resource, scopeSpans }) => {
        const { 'service.name': service } = asObject(resource.attributes);
        const spans = scopeSpans.flatMap((scope) => scope.spans);
        return spans.map((span) => ({ ...span, attributes: asObject(span.attributes), service }));
      }),
    resource: () => asObject(traces().flatMap(({ resource }) => resource.attributes)),
    stop: () => server.close().closeAllConnections(),
  };
}

function asObject(attributes: Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
