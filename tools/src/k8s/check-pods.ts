import { nameOf } from './resource.ts';
import type { Container, Labels, PodSpec, Resource } from './resource.ts';

type Workload = { resource: Resource; labels: Labels; pod: PodSpec; container: Container };
type Rule = { says: string; for?: (workload: Workload) => boolean; holds(workload: Workload): boolean };

const nameLabel = 'app.kubernetes.io/name';
const componentLabel = 'app.kubernetes.io/component';

/** The apps of the bridge; the others are a job, a broker to look at, and the like. */
const isApp = ({ resource, labels }: Workload) => labels[nameLabel] === 'nicochat-bridge' && resource.kind !== 'Job';
const readsSecrets = ['ingress', 'outbound'];
const volumeKinds = ['configMap', 'secret', 'emptyDir', 'projected'];

/** The level `restricted` of the Pod Security Standards, and what we ask beyond it. */
const rules: Rule[] = [
  { says: 'runs as a user other than root', holds: ({ pod }) => pod.securityContext?.runAsNonRoot === true },
  {
    says: 'has the seccomp profile of the runtime',
    holds: ({ pod }) => pod.securityContext?.seccompProfile?.type === 'RuntimeDefault',
  },
  { says: 'shares nothing of its host', holds: ({ pod }) => !(pod.hostNetwork || pod.hostPID || pod.hostIPC) },
  {
    says: 'mounts no folder of its host',
    holds: ({ pod }) =>
      (pod.volumes ?? []).every((volume) => Object.keys(volume).every((key) => ['name', ...volumeKinds].includes(key))),
  },
  {
    says: 'gains no privileges',
    holds: ({ container }) => container.securityContext?.allowPrivilegeEscalation === false,
  },
  {
    says: 'has no capabilities',
    holds: ({ container: { securityContext } }) =>
      securityContext?.capabilities?.drop?.includes('ALL') === true && !securityContext.capabilities.add,
  },
  {
    says: 'has a read-only root file system',
    for: ({ labels }) => labels[nameLabel] !== 'kafka',
    holds: ({ container }) => container.securityContext?.readOnlyRootFilesystem === true,
  },
  { says: 'has no token', holds: ({ pod }) => pod.automountServiceAccountToken === false },
  { says: 'gets no variables of services', holds: ({ pod }) => pod.enableServiceLinks === false },
  { says: 'has a tag at its image', holds: ({ container }) => /:(?!latest$)[\w.-]+$/.test(container.image) },
  {
    says: 'requests CPU and memory, and limits memory',
    holds: ({ container: { resources } }) =>
      [resources?.requests?.['cpu'], resources?.requests?.['memory'], resources?.limits?.['memory']].every(Boolean),
  },
  {
    says: 'has its three probes on their own paths',
    for: isApp,
    holds: ({ container }) =>
      container.startupProbe?.httpGet?.path === '/readyz' &&
      container.readinessProbe?.httpGet?.path === '/readyz' &&
      container.livenessProbe?.httpGet?.path === '/livez',
  },
  {
    says: 'has time for its drain of 20 s, after five of grace',
    for: isApp,
    holds: ({ pod }) => (pod.terminationGracePeriodSeconds ?? 0) >= 45,
  },
  {
    says: 'is spread over the nodes',
    for: isApp,
    holds: ({ pod }) => pod.topologySpreadConstraints?.[0]?.topologyKey === 'kubernetes.io/hostname',
  },
  {
    says: 'is replaced before it goes',
    for: (workload) => isApp(workload) && workload.resource.kind === 'Deployment',
    holds: ({ resource }) => resource.spec?.strategy?.rollingUpdate?.maxUnavailable === 0,
  },
  {
    says: 'sees no secrets of others',
    for: isApp,
    holds: ({ pod, labels }) => {
      const own = { ingress: 'verification-keys', outbound: 'flow-keys' }[labels[componentLabel] ?? ''];
      const mounted = (pod.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []);
      return mounted.join() === (readsSecrets.includes(labels[componentLabel] ?? '') ? own : '');
    },
  },
];

/** What the pods of a build are not as they should be. */
export function checkPods(resources: Resource[]): string[] {
  return workloadsOf(resources).flatMap((workload) =>
    rules
      .filter((rule) => (rule.for?.(workload) ?? true) && !rule.holds(workload))
      .map(({ says }) => `${nameOf(workload.resource)}: not so: ${says}`),
  );
}

export function workloadsOf(resources: Resource[]): Workload[] {
  return resources.flatMap((resource) => {
    const template = resource.spec?.template;
    const pod = template?.spec;
    if (!template || !pod) return [];
    const containers = [...(pod.initContainers ?? []), ...pod.containers];
    return containers.map((container) => ({ resource, labels: template.metadata.labels, pod, container }));
  });
}
