import { captureHeadSchema, captureSchema } from '@bridge/schemas';
import type { Capture, CaptureHead } from '@bridge/schemas';
import { z } from 'zod';
import { CommandError } from '../command-error.ts';

export type CapturesClient = {
  list(): Promise<CaptureHead[]>;
  /** Undefined when it has none with this id. */
  get(id: string): Promise<Capture | undefined>;
  /** How many it deleted; all of them without an id. */
  delete(id?: string): Promise<number>;
};

const timeoutMs = 15_000;

/** The captures of the ingress whose probes' port is at `from`. Everything throws a CommandError that says what to do. */
export function createCapturesClient(from: URL): CapturesClient {
  async function ask<T>(method: string, path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const { status, text } = await fetchText(new URL(path, from), method);
    const answer = schema.safeParse(parseOrUndefined(text));
    if (status === 200 && answer.success) return answer.data;
    // Ingress answers so for an id that it does not have; without an id it always has an answer.
    if (status === 404 && path !== '/captures' && text.includes('no capture')) return undefined;
    throw new CommandError(
      `${from.origin} gives no captures (it answered ${status}). Is it the probes' port of ingress, 9080? Ingress gives them to its own machine only:\n` +
        'on Kubernetes use kubectl port-forward to the pod, and 127.0.0.1 here.',
    );
  }

  return {
    list: async () =>
      (await ask('GET', '/captures', z.object({ captures: z.array(captureHeadSchema) })))?.captures ?? [],
    get: (id) => ask('GET', `/captures/${id}`, captureSchema),
    delete: async (id) => {
      const path = id === undefined ? '/captures' : `/captures/${id}`;
      return (await ask('DELETE', path, z.object({ deleted: z.int() })))?.deleted ?? 0;
    },
  };
}

async function fetchText(url: URL, method: string): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { method, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: Error & { code?: string } };
    const reason = name === 'TimeoutError' ? `no answer within ${timeoutMs / 1000} s` : (cause?.code ?? message);
    throw new CommandError(
      `no ingress at ${url.origin} (${reason}). --from names its probes' port; on Kubernetes first:\n` +
        'kubectl port-forward pod/<an ingress pod> 9080',
      'negative',
      error,
    );
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
