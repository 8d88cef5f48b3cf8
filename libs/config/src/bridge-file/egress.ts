import { z } from 'zod';
import { egressAllows, isEgressEntry } from '../egress.ts';
import { must, section, text } from './fields.ts';

const entry = () =>
  text('a host name, an address or a CIDR').refine(
    isEgressEntry,
    'must be a host name without scheme, port or "*", an address, or a CIDR such as 10.0.0.0/8',
  );

export const egressSection = section({
  allow: z.array(entry(), must('a list of host names, addresses and CIDRs')).default([]),
});

/**
 * What is wrong with a URL that the bridge calls with a key.
 *
 * @param allow undefined when the list itself is faulty, so that nothing can be said about http
 */
export function calledUrlFault(url: string, allow: readonly string[] | undefined): string | undefined {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return 'must be an https URL';
  if (parsed.username !== '' || parsed.password !== '') return 'must not hold a user name or password';
  const isPermitted = parsed.protocol === 'https:' || !allow || egressAllows(allow, parsed.hostname);
  return isPermitted ? undefined : 'must be https: http is only for hosts named in egress.allow';
}
