import { z } from 'zod';
import { mapById, must, oneOf, positiveInteger, positiveNumber, section, text, textLike } from './fields.ts';
import { headerValueFault, needed, secret, type SecretSource } from './secret.ts';
import { signatureSection } from './signature.ts';
import { verificationKeysSection } from './verification-keys.ts';

const connectionId = {
  pattern: /^[a-z0-9-]{1,63}$/,
  what: '1 to 63 lower-case letters, digits and "-"',
};

/** What the faults of a connection depend on, besides its own text. */
export type ConnectionContext = {
  source: SecretSource;
  allowUnsigned: boolean;
  /** What is wrong with a URL that the bridge calls. */
  urlFault: (url: string) => string | undefined;
};

export function connectionsSection(context: ConnectionContext) {
  return mapById(connectionId, connectionSection(context));
}

const aWorkspace = "the workspace's number";

function connectionSection({ source, allowUnsigned, urlFault }: ConnectionContext) {
  return section({
    workspace: z.union([z.int(must(aWorkspace)), text(aWorkspace)], must(aWorkspace)),
    email: textLike(/^\S+@\S+$/, 'an e-mail address').optional(),
    verificationKeys: verificationKeysSection(source),
    flowApiKey: needed(source, 'flowApiKey', secret(source, 'flowApiKey', headerValueFault)),
    botUrl: needed(source, 'botUrl', secret(source, 'botUrl', urlFault)),
    chaveApi: secret(source, 'chaveApi', headerValueFault).optional(),
    signature: signatureSection(allowUnsigned),
    limits: section({
      requestsPerSecond: positiveNumber().default(5),
      burst: positiveInteger().default(10),
      concurrency: positiveInteger().default(4),
    }).prefault({}),
    onUnknownOutcome: oneOf(['resend', 'hold']).default('resend'),
    conversationId: oneOf(['number', 'string']).default('number'),
    mediaShape: oneOf(['chatwoot-attachments']).default('chatwoot-attachments'),
  });
}
