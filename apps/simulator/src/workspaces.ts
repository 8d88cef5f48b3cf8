import { readFileSync } from 'node:fs';
import { ConfigError } from '@bridge/config';
import { defaultScheme, type SignatureScheme } from '@bridge/signature';
import { z } from 'zod';
import { faultLines } from './fault-lines.ts';

/** How deliveries are signed. NicoChat documents that they are, not how: so all of it is a setting. */
const signatureSchema = z.strictObject({
  headers: z.array(z.string().min(1)).min(1).default(['x-hub-signature-256']),
  algorithm: z.enum(['sha256', 'sha1', 'sha512']).default('sha256'),
  encoding: z.enum(['hex', 'base64']).default('hex'),
  prefix: z.string().default('sha256='),
  signedContent: z.enum(['body', 'timestamp.body']).default('body'),
  timestampHeader: z.string().min(1).default(defaultScheme.timestampHeader),
  toleranceSeconds: z.number().int().min(1).default(defaultScheme.toleranceSeconds),
}) satisfies z.ZodType<SignatureScheme>;

const deliverySchema = z.strictObject({
  /** NicoChat's retries are undocumented: the careful reading is that there are none. */
  retries: z.number().int().min(0).max(100).default(0),
  retryDelayMs: z.number().int().min(0).max(600_000).default(200),
  timeoutMs: z.number().int().min(1).max(600_000).default(5_000),
});

const webhookSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  verificationKey: z.string().min(1),
});

export const workspaceIdSchema = z.coerce.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'a short id: letters, digits, ._-');

export const workspaceSchema = z.strictObject({
  id: workspaceIdSchema,
  email: z.string().min(1).default('demo@example.com'),
  chaveApi: z.string().min(1).default('demo-chave-api'),
  flowApiKey: z.string().min(1).default('demo-flow-key'),
  /** The last part of its `bot_url`; absent: `bot-<id>`. */
  botCode: workspaceIdSchema.optional(),
  /** The webhook in force; null: none was set. One given here counts as verified, with no handshake. */
  webhook: webhookSchema.nullable().default(null),
  handshake: z.enum(['form', 'json', 'query']).default('form'),
  shape: z.enum(['chatwoot', 'messenger', 'uchat']).default('chatwoot'),
  /** How the payloads' JSON is written; `php`: with `/` and all that is not ASCII escaped. */
  json: z.enum(['plain', 'php']).default('plain'),
  signature: signatureSchema.prefault({}),
  delivery: deliverySchema.prefault({}),
  /** Whether the bot answers what comes to `bot_url`. Off: messages are accepted and nothing comes back. */
  botAnswers: z.boolean().default(true),
});

export type Webhook = z.infer<typeof webhookSchema>;
export type Workspace = z.infer<typeof workspaceSchema> & { botCode: string };

/** A workspace with every field that was not given filled in. */
export const completeWorkspace = (given: z.infer<typeof workspaceSchema>): Workspace => ({
  ...given,
  botCode: given.botCode ?? `bot-${given.id}`,
});

const refused = (message: string) => new ConfigError([{ where: 'SIMULATOR_WORKSPACES', message }]);

const demoWorkspace: Workspace = completeWorkspace(workspaceSchema.parse({ id: '1', botCode: 'demo' }));

/** The workspaces at the start: those of a JSON file (an array), else the demo's. @throws ConfigError for a bad file */
export const readPresetWorkspaces = (path: string | undefined): Workspace[] => {
  if (path === undefined) return [demoWorkspace];
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw refused(`cannot read ${path}: ${(error as Error).message}`);
  }
  const parsed = z.array(workspaceSchema).min(1).safeParse(content);
  if (!parsed.success) throw refused(`${path}:\n${faultLines(parsed.error)}`);
  return parsed.data.map(completeWorkspace);
};

export type Workspaces = ReturnType<typeof createWorkspaces>;

/** The workspaces that NicoChat would hold: who may do what, and where each one's answers go. */
export const createWorkspaces = (presets: readonly Workspace[]) => {
  const byId = new Map<string, Workspace>();
  const byBotCode = new Map<string, Workspace>();

  const remove = (id: string): boolean => {
    const workspace = byId.get(id);
    if (workspace) byBotCode.delete(workspace.botCode);
    return byId.delete(id);
  };
  /** False when another workspace has the bot code already. */
  const put = (workspace: Workspace): boolean => {
    const holder = byBotCode.get(workspace.botCode);
    if (holder && holder.id !== workspace.id) return false;
    remove(workspace.id);
    byId.set(workspace.id, workspace);
    byBotCode.set(workspace.botCode, workspace);
    return true;
  };
  const reset = () => {
    byId.clear();
    byBotCode.clear();
    for (const preset of presets) {
      if (!put(structuredClone(preset))) {
        throw refused(`two workspaces have the bot code "${preset.botCode}"`);
      }
    }
  };
  reset();

  return {
    all: (): Workspace[] => [...byId.values()],
    get: (id: string): Workspace | undefined => byId.get(id),
    byBotCode: (code: string): Workspace | undefined => byBotCode.get(code),
    put,
    remove,
    /** Sets or removes the webhook of a workspace that may have changed or gone meanwhile. */
    setWebhook: (id: string, webhook: Webhook | null): void => {
      const workspace = byId.get(id);
      if (workspace) put({ ...workspace, webhook });
    },
    /** Back to the presets. */
    reset,
  };
};
