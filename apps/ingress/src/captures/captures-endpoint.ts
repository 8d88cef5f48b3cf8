import { captureHeadSchema } from '@bridge/schemas';
import type { Answer, LocalRequest } from '@bridge/service';
import type { CaptureStore } from './capture-store.ts';

const captures = /^\/captures(?:\/([0-9a-f]{8}))?$/;

const json = (body: unknown, status = 200): Answer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
});

const gone = { type: 'about:blank', title: 'Not Found', status: 404, detail: 'There is no capture with this id.' };

/** `/captures` and `/captures/{id}`, by GET and DELETE, for this machine only. Undefined for another path or method. */
export function createCapturesEndpoint(store: CaptureStore): (request: LocalRequest) => Answer | undefined {
  return ({ method, path }) => {
    const [matches, id] = captures.exec(path) ?? [];
    if (matches === undefined) return undefined;
    const missing = () => ({ ...json(gone, 404), contentType: 'application/problem+json' });
    if (method === 'GET' && id === undefined) {
      return json({ captures: store.list().map((capture) => captureHeadSchema.parse(capture)) });
    }
    if (method === 'GET' && id !== undefined) {
      const capture = store.get(id);
      return capture ? json(capture) : missing();
    }
    if (method !== 'DELETE') return undefined;
    if (id === undefined) return json({ deleted: store.clear() });
    return store.delete(id) ? json({ deleted: 1 }) : missing();
  };
}
