import { workloadsOf } from './check-pods.ts';
import { nameOf, selects } from './resource.ts';
import type { Labels, Resource, Volume } from './resource.ts';

/** Secrets that whoever installs makes. */
const made = ['verification-keys', 'flow-keys', 'kafka-ca', ...userSecrets()];
function userSecrets(): string[] {
  return ['ingress', 'router', 'outbound', 'topics'].map((app) => `nicochat-${app}`);
}

/** What a build names and does not have, and what it has none of. */
export function checkReferences(resources: Resource[]): string[] {
  const ofKind = (...kinds: string[]) => resources.filter(({ kind }) => kinds.includes(kind));
  const has = (kind: string, name: string) => ofKind(kind).some(({ metadata }) => metadata.name === name);
  const workloads = workloadsOf(resources);
  const podsOf = (wanted: Labels) => workloads.filter(({ labels }) => selects(wanted, labels));
  const faults: string[] = [];
  const unless = (ok: boolean, fault: string) => void (ok || faults.push(fault));

  for (const { resource, pod, container } of workloads) {
    const mounted = (pod.volumes ?? []).flatMap(namedBy);
    const variables = (container.envFrom ?? []).flatMap(({ configMapRef }) => configMapRef?.name ?? []);
    for (const { kind, name } of [...mounted, ...variables.map((map) => ({ kind: 'ConfigMap', name: map }))]) {
      const isMade = kind === 'Secret' && made.includes(name);
      unless(has(kind, name) || isMade, `${nameOf(resource)}: there is no ${kind} ${name}`);
    }
    const claims = resource.spec?.volumeClaimTemplates ?? [];
    const volumes = [...(pod.volumes ?? []).map(({ name }) => name), ...claims.map(({ metadata }) => metadata.name)];
    for (const { name } of container.volumeMounts ?? [])
      unless(volumes.includes(name), `${nameOf(resource)}: there is no volume ${name}`);
  }
  for (const service of ofKind('Service')) {
    const ports = podsOf(service.spec?.selector as Labels).flatMap(({ container }) => container.ports ?? []);
    for (const { targetPort } of service.spec?.ports ?? [])
      unless(
        ports.some(({ name }) => name === targetPort),
        `${nameOf(service)}: no pod has the port ${targetPort}`,
      );
  }
  for (const ingress of ofKind('Ingress'))
    for (const { backend } of (ingress.spec?.rules ?? []).flatMap(({ http }) => http.paths))
      unless(has('Service', backend.service.name), `${nameOf(ingress)}: there is no Service ${backend.service.name}`);
  for (const scaler of ofKind('HorizontalPodAutoscaler', 'ScaledObject')) {
    const target = scaler.spec?.scaleTargetRef;
    const scaled = ofKind(target?.kind ?? 'Deployment').find(({ metadata }) => metadata.name === target?.name);
    unless(scaled !== undefined, `${nameOf(scaler)}: there is no ${target?.kind ?? 'Deployment'} ${target?.name}`);
    unless(scaled?.spec?.replicas === undefined, `${nameOf(scaler)}: its target says a number of its own`);
  }
  for (const policy of ofKind('NetworkPolicy')) {
    const { podSelector, ingress = [], egress = [] } = policy.spec ?? {};
    unless(
      podsOf(podSelector?.matchLabels ?? {}).length > 0,
      `${nameOf(policy)}: it is for pods that there are none of`,
    );
    const peers = [...ingress.map(({ from }) => from), ...egress.map(({ to }) => to)];
    unless(!peers.includes(undefined), `${nameOf(policy)}: it says ports, and not whose`);
  }
  return [...faults, ...missing(resources)];
}

const namedBy = ({ configMap, secret, projected }: Volume) => [
  ...(configMap ? [{ kind: 'ConfigMap', name: configMap.name }] : []),
  ...(secret ? [{ kind: 'Secret', name: secret.secretName }] : []),
  ...(projected?.sources ?? []).flatMap((source) => [
    ...(source.secret ? [{ kind: 'Secret', name: source.secret.name }] : []),
    ...(source.configMap ? [{ kind: 'ConfigMap', name: source.configMap.name }] : []),
  ]),
];

/** What every installation must have. */
function missing(resources: Resource[]): string[] {
  const named = (kind: string, name: string) =>
    resources.filter((one) => one.kind === kind && one.metadata.name === name);
  const denial = named('NetworkPolicy', 'default-deny')[0]?.spec;
  const faults: string[] = [];
  if (Object.keys(denial?.podSelector ?? { none: 1 }).length > 0 || denial?.policyTypes?.length !== 2)
    faults.push('nothing denies what no other network policy names');
  const level = named('Namespace', 'nicochat-bridge')[0]?.metadata.labels?.['pod-security.kubernetes.io/enforce'];
  if (level !== 'restricted') faults.push('the namespace does not enforce the level restricted');
  for (const app of ['ingress', 'router', 'outbound']) {
    const found = [...named('Deployment', app), ...named('StatefulSet', app)];
    if (found.length !== 1) faults.push(`${app} is there ${found.length} times`);
    if (named('PodDisruptionBudget', app).length !== 1) faults.push(`${app} has no disruption budget`);
    const [scaler] = [...named('ScaledObject', app), ...named('HorizontalPodAutoscaler', app)];
    const atLeast = scaler?.spec?.minReplicaCount ?? scaler?.spec?.minReplicas ?? found[0]?.spec?.replicas ?? 1;
    if (atLeast < 2) faults.push(`${app} is a single pod`);
  }
  return faults;
}
