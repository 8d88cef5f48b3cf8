import { defaultScheme, verify } from '@bridge/signature';
import type { SignatureScheme } from '@bridge/signature';
import { keyForms } from './candidate-keys.ts';
import type { CandidateKey, KeyForm } from './candidate-keys.ts';
import { digestMethods } from './digests.ts';
import type { DigestMethod } from './digests.ts';
import { locateDigest } from './locate-digest.ts';
import type { WrittenDigest } from './locate-digest.ts';
import type { Sample } from './sample.ts';
import { signedContents } from './signed-contents.ts';
import type { SignedContent } from './signed-contents.ts';

/** A digest that stands in one of the sample's headers. */
export type Finding = {
  header: string;
  key: KeyForm;
  method: DigestMethod;
  content: SignedContent;
  written: WrittenDigest;
  /** What to write into bridge.yaml; undefined when it has no words for this. It was tried with the bridge's own check. */
  scheme?: SignatureScheme;
};

export type Search = {
  /** Those that bridge.yaml can say first. */
  findings: Finding[];
  /** How many digests were made. */
  tried: number;
};

/** Tries every key, method and content that is known, and looks for the result in every header. */
export function findSignature(sample: Sample, keys: readonly CandidateKey[]): Search {
  const contents = signedContents(sample);
  const forms = keyForms(keys);
  const findings: Finding[] = [];
  let tried = 0;
  for (const method of digestMethods) {
    for (const content of contents) {
      // A checksum needs no key.
      for (const key of method.isChecksum ? forms.slice(0, 1) : forms) {
        tried += 1;
        findings.push(...inHeaders(sample, { key, method, content }));
      }
    }
  }
  const said = (finding: Finding) => (finding.scheme === undefined ? 1 : 0);
  return { findings: findings.toSorted((a, b) => said(a) - said(b)), tried };
}

function inHeaders(sample: Sample, way: Pick<Finding, 'key' | 'method' | 'content'>): Finding[] {
  const digest = way.method.digest(way.key.bytes, way.content.bytes);
  return sample.headers.flatMap(({ name, value }): Finding[] => {
    const written = locateDigest(digest, value);
    if (written === undefined) return [];
    const scheme = configurableScheme(sample, { ...way, header: name, written });
    return [{ ...way, header: name, written, ...(scheme && { scheme }) }];
  });
}

/** The scheme in the bridge's words, if it has them, and if its own check says yes by them. */
function configurableScheme(
  sample: Sample,
  { header, key, method, content, written }: Finding,
): SignatureScheme | undefined {
  const { algorithm } = method;
  if (algorithm === undefined || content.configured === undefined) return undefined;
  if (written.encoding === 'base64 of the hex') return undefined;
  const { encoding, before } = written;
  const found = { ...defaultScheme, headers: [header], algorithm, encoding, ...content.configured };
  const toleranceSeconds = toleranceFor(sample, content);
  if (toleranceSeconds === undefined) return undefined;
  return [`${algorithm}=`, '', before]
    .map((prefix): SignatureScheme => ({ ...found, prefix, toleranceSeconds }))
    .find((scheme) => isVerified(sample, key.value, scheme));
}

const hourSeconds = 3_600;

/** The usual tolerance, or more where this sample needs it; undefined where the time is none in seconds. */
function toleranceFor({ receivedAt }: Sample, { bytes, configured }: SignedContent): number | undefined {
  if (configured?.signedContent !== 'timestamp.body') return defaultScheme.toleranceSeconds;
  const seconds = Number(bytes.subarray(0, bytes.indexOf('.')).toString());
  const ageSeconds = Math.abs(receivedAt.getTime() / 1_000 - seconds);
  if (ageSeconds <= defaultScheme.toleranceSeconds) return defaultScheme.toleranceSeconds;
  return ageSeconds < hourSeconds ? Math.ceil(ageSeconds) + defaultScheme.toleranceSeconds : undefined;
}

function isVerified({ headers, body, receivedAt }: Sample, secret: string, scheme: SignatureScheme): boolean {
  const byName = Object.fromEntries(
    [...Map.groupBy(headers, ({ name }) => name)].map(([name, same]) => [name, same.map(({ value }) => value)]),
  );
  return verify({ body, headers: byName, secrets: [secret], scheme, now: receivedAt }).kind === 'verified';
}
