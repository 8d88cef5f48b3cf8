import { createHash } from 'node:crypto';
import { workspaceSchema, type Workspace } from './workspaces.ts';

const names = ['signature', 'x-signature', 'x-nico-signature', 'x-channel-proof', 'x-api-hmac', 'x-hub-signature'];

/**
 * A workspace that signs, writes and shakes hands in ways drawn from the seed: for who must find them out, as with NicoChat,
 * which documents none of them. The same seed and workspace draw the same.
 */
export function withRandomScheme(workspace: Workspace, seed: string): Workspace {
  const pick = <T>(what: string, from: readonly T[]): T => {
    const hash = createHash('sha256').update(`${seed}/${workspace.id}/${what}`).digest();
    return from[hash.readUInt32BE() % from.length] as T;
  };
  const { shape, json, handshake } = workspaceSchema.shape;
  const { algorithm, encoding, signedContent } = workspaceSchema.shape.signature.unwrap().shape;
  const method = pick('algorithm', algorithm.unwrap().options);
  return {
    ...workspace,
    shape: pick('shape', shape.unwrap().options),
    json: pick('json', json.unwrap().options),
    handshake: pick('handshake', handshake.unwrap().options),
    signature: {
      ...workspace.signature,
      headers: [pick('header', names)],
      algorithm: method,
      encoding: pick('encoding', encoding.unwrap().options),
      prefix: pick('prefix', ['', `${method}=`, 'v1=', 'v0:', 'HMAC ']),
      signedContent: pick('content', signedContent.unwrap().options),
      timestampHeader: pick('timestamp', ['x-timestamp', 'x-signature-time', 'x-nico-sent-at']),
    },
  };
}
