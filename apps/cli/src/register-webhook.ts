import type { BridgeConfig } from '@bridge/config';
import type { ManagementData } from '@bridge/schemas';
import { checkIngress } from './check-ingress.ts';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';
import { callManagement } from './management-call.ts';
import type { KeyWay } from './management-call.ts';
import { connectionOf, managementRequest, webhookUrl } from './management-request.ts';
import { printable } from './printable.ts';
import { verificationKeyFile } from './verification-key-file.ts';

export type Registration = {
  /** Of the connection. */
  id: string;
  /** Reads bridge.yaml with these secrets. */
  read: <S extends 'chaveApi' | 'verificationKeys'>(...secrets: S[]) => BridgeConfig<S>;
  /** Where to make a key first, if there is none. */
  generateKey?: string;
  check: boolean;
  waitSeconds?: number;
};

/** Key, ingress, NicoChat, answer: each is looked at before the next. Gives what NicoChat has registered. */
export async function registerWebhook(registration: Registration, context: CommandContext): Promise<ManagementData> {
  const { id, read, generateKey, check, waitSeconds } = registration;
  // Before anything is made: is there such a connection at all?
  const bare = read();
  const url = webhookUrl(bare, connectionOf(bare.connections, id).id);
  const made =
    generateKey === undefined ? undefined : { path: generateKey, ...verificationKeyFile(generateKey, context) };
  const config = read('chaveApi', 'verificationKeys');
  const connection = connectionOf(config.connections, id);
  const verificationKey = connection.verificationKeys[0]?.key ?? '';
  if (made !== undefined && made.key !== verificationKey) {
    throw new CommandError(
      `the first of connections.${id}.verificationKeys in bridge.yaml is not the key in ${made.path}: put { file: … } of it first`,
      'configuration',
    );
  }
  const call = managementRequest(config, connection, 'set', { url, verificationKey });
  if (check) {
    await checkIngress({
      url,
      connection: id,
      verificationKey,
      allow: config.egress.allow,
      waitSeconds: waitSeconds ?? (made ? 120 : 15),
      onWait: (why) => context.note(`Waiting for ingress: ${why}`),
    });
    context.note(`${url} leads to ingress, and it knows the key.`);
  }
  const { data, keyWay } = await callManagement(call);
  context.note(`NicoChat took the ChaveApi ${keyWays[keyWay]}.`);
  checkAnswer(data, { url, verificationKey });
  return data;
}

const keyWays = {
  'header and field': 'as the Bearer token and as a field, both at once',
  header: 'as the Bearer token alone',
  field: 'as a field alone',
} satisfies Record<KeyWay, string>;

/** What NicoChat echoes must be what was sent; what it leaves out is no fault. */
function checkAnswer(data: ManagementData, sent: { url: string; verificationKey: string }): void {
  const { webhook_url: url, webhook_verification_key: key } = data;
  if (url && URL.parse(url)?.href !== URL.parse(sent.url)?.href) {
    throw new CommandError(`NicoChat registered another address, ${printable(url)}, and not ${sent.url}: run it again`);
  }
  if (key && key !== sent.verificationKey) {
    throw new CommandError('NicoChat registered another verification key than the one that was sent: run it again');
  }
}
