import { z } from 'zod';
import { parseJson } from './lossless-json.ts';
import { openObject } from './open-object.ts';

/**
 * The management API through NicoChat's proxy: `POST {baseUrl}?action=get-webhook | set-webhook | delete-webhook` with
 * these JSON bodies. Documented on NicoChat's page: method, actions, bodies, and the answer of get and of set. Not
 * documented: the answer of delete, and every error; the message below is inferred from NicoChat's other APIs.
 */
const account = {
  workspace: z
    .union([z.int(), z.string().min(1)])
    .meta({ description: 'A number in the documentation; text is taken too.' }),
  email: z.string().min(1).meta({ description: "The workspace's e-mail." }),
  ChaveApi: z.string().min(1).meta({ description: 'The key of the add-on. A secret.' }),
};

export const managementRequestSchemas = {
  get: openObject(account),
  set: openObject({ ...account, webhook_url: z.url(), webhook_verification_key: z.string().min(1) }),
  delete: openObject(account),
};
export type ManagementAction = keyof typeof managementRequestSchemas;
export type GetWebhookRequest = z.infer<typeof managementRequestSchemas.get>;
export type SetWebhookRequest = z.infer<typeof managementRequestSchemas.set>;
export type DeleteWebhookRequest = z.infer<typeof managementRequestSchemas.delete>;

/** What get and set answer. Of `webhook_status` only `verified` is documented. `bot_url` is a secret: its path is the key. */
export const managementDataSchema = openObject({
  webhook_url: z.string().nullish(),
  webhook_verification_key: z.string().nullish(),
  webhook_status: z.string().nullish(),
  bot_url: z.string().nullish(),
});
export type ManagementData = z.infer<typeof managementDataSchema>;

/** `data` is documented for get and set only. */
export const managementAnswerSchema = openObject({
  status: z.string().optional(),
  data: managementDataSchema.optional(),
});
export type ManagementAnswer = z.infer<typeof managementAnswerSchema>;

/** Inferred from NicoChat's other APIs. */
export const managementErrorSchema = openObject({ message: z.string() });
export type ManagementError = z.infer<typeof managementErrorSchema>;

/**
 * Reads an answer of the management API tolerantly. It is `ok` when the status is 2xx, the body parses, its `status` is
 * absent or "ok" in any case, and, where the action is get or set, `data.bot_url` is a URL (https, as documented; http
 * passes too, for stand-ins: what may be called is the sender's to judge). A `webhook_status` other than `verified` is
 * still ok: the caller warns. Everything else is an error with its `message`, else `error`, else the body's first
 * 200 characters; it may repeat what was sent, so the caller masks its keys before showing it.
 * @param action leave it out to accept an answer without data
 */
export function readManagementAnswer(
  status: number,
  bodyText: string,
  action?: ManagementAction,
): { kind: 'ok'; data?: ManagementData } | { kind: 'error'; message: string } {
  const body = parseOrUndefined(bodyText);
  const answer = managementAnswerSchema.safeParse(body);
  const isOk = status >= 200 && status < 300 && answer.success && /^ok$/i.test(answer.data.status ?? 'ok');
  if (!isOk) return { kind: 'error', message: errorMessage(status, body, bodyText) };

  const { data } = answer.data;
  if ((action === 'get' || action === 'set') && !isHttpUrl(data?.bot_url)) {
    return { kind: 'error', message: 'The answer has no data.bot_url that is a URL.' };
  }
  return data === undefined ? { kind: 'ok' } : { kind: 'ok', data };
}

function parseOrUndefined(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function isHttpUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:$/.test(URL.parse(value)?.protocol ?? '');
}

const errorBodySchema = z.union([
  managementErrorSchema,
  openObject({ error: z.string() }).transform(({ error }) => ({ message: error })),
]);

function errorMessage(status: number, body: unknown, bodyText: string): string {
  const parsed = errorBodySchema.safeParse(body);
  if (parsed.success && parsed.data.message !== '') return parsed.data.message;
  return bodyText.trim().slice(0, 200) || `HTTP ${status} with an empty body`;
}
