/** How a digest is written in a header, and what stands before it. */
export type WrittenDigest = { encoding: 'hex' | 'base64' | 'base64 of the hex'; before: string };

/** Finds a digest in a header's value, whatever stands around it. Undefined when it is not there. */
export function locateDigest(digest: Buffer, value: string): WrittenDigest | undefined {
  const hex = digest.toString('hex');
  const forms: [WrittenDigest['encoding'], string, string][] = [
    ['hex', value.toLowerCase(), hex],
    ...[digest, Buffer.from(hex)].flatMap((bytes, at): [WrittenDigest['encoding'], string, string][] => {
      const encoding = at === 0 ? 'base64' : 'base64 of the hex';
      // The padding may be there or not.
      const standard = bytes.toString('base64').replace(/=+$/, '');
      return [
        [encoding, value, standard],
        [encoding, value, standard.replaceAll('+', '-').replaceAll('/', '_')],
      ];
    }),
  ];
  for (const [encoding, where, form] of forms) {
    const at = where.indexOf(form);
    if (at >= 0) return { encoding, before: value.slice(0, at) };
  }
  return undefined;
}
