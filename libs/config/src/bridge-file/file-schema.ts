import { channelsSection, defaultChannel } from './channels.ts';
import { connectionsSection } from './connections.ts';
import { calledUrlFault, egressSection } from './egress.ts';
import { logLevels } from '../log-level.ts';
import { oneOf, section } from './fields.ts';
import { nicochatSection } from './nicochat.ts';
import { routesSection } from './routes.ts';
import type { SecretSource } from './secret.ts';

/**
 * The schema of the whole file.
 *
 * @param raw the file itself: some of its faults depend on other places of it
 */
export function fileSchema(raw: Record<string, unknown>, source: SecretSource, allowUnsigned: boolean) {
  const allowed = egressSection.safeParse(raw['egress'] ?? {}).data?.allow;
  const urlFault = (url: string) => calledUrlFault(url, allowed);
  const ids = raw['connections'];
  const nicochat = nicochatSection(source, urlFault);
  return section({
    nicochat: source.wanted.has('chaveApi') ? nicochat : nicochat.optional(),
    connections: connectionsSection({ source, allowUnsigned, urlFault }),
    channels: channelsSection().prefault({}),
    routes: routesSection(typeof ids === 'object' && ids !== null ? Object.keys(ids) : undefined).default([]),
    defaultChannel: defaultChannel().optional(),
    egress: egressSection.prefault({}),
    log: section({ level: oneOf(logLevels).optional() }).optional(),
  });
}
