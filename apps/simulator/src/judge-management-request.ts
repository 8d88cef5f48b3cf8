import { parseJson, type GetWebhookRequest } from '@bridge/schemas';
import { safeEqual } from '@bridge/signature';
import type { z } from 'zod';
import { faultLines } from './fault-lines.ts';
import type { Workspace } from './workspaces.ts';

/** Why the management API refuses a request. */
export type Refusal =
  | { kind: 'unauthenticated'; message: string }
  | { kind: 'not-found'; message: string }
  | { kind: 'bad-request'; message: string }
  | { kind: 'invalid'; message: string };

type Judged<T> = { kind: 'allowed'; workspace: Workspace; asked: T } | Refusal;

const unauthenticated: Refusal = { kind: 'unauthenticated', message: 'Unauthenticated.' };

/**
 * Who asks, whether they may, and for what. NicoChat's page names the key in the header and in the body and does not say
 * which one counts: the stand-in wants both right, so that who passes here passes in either case.
 */
export function judgeManagementRequest<T extends GetWebhookRequest>(
  { token, body }: { token: string | undefined; body: Buffer },
  schema: z.ZodType<T>,
  workspaces: readonly Workspace[],
): Judged<T> {
  const own = workspaces.filter(({ chaveApi }) => token !== undefined && safeEqual(token, chaveApi));
  if (token === undefined || own.length === 0) return unauthenticated;
  let value: unknown;
  try {
    value = parseJson(body.toString());
  } catch (error) {
    return { kind: 'bad-request', message: `The body is not JSON: ${(error as Error).message}` };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const message = `The given data was invalid: ${faultLines(parsed.error).replaceAll('\n', '; ')}`;
    return { kind: 'invalid', message };
  }
  const asked = parsed.data;
  if (!safeEqual(asked.ChaveApi, token)) return unauthenticated;
  const workspace = own.find(({ id, email }) => id === String(asked.workspace) && email === asked.email);
  return workspace ? { kind: 'allowed', workspace, asked } : { kind: 'not-found', message: 'Workspace not found.' };
}

/** The workspace that a body names, whether or not the caller may touch it. */
export function workspaceOf(body: Buffer): string | null {
  try {
    const { workspace } = Object(parseJson(body.toString())) as { workspace?: unknown };
    return typeof workspace === 'string' || typeof workspace === 'number' ? String(workspace) : null;
  } catch {
    return null;
  }
}
