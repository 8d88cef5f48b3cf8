import { topicTable } from '@bridge/schemas';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildManifests } from './build-manifests.ts';
import type { Build } from './build-manifests.ts';
import { checkPods } from './check-pods.ts';
import { checkReferences } from './check-references.ts';
import { checkSchemas } from './check-schemas.ts';
import { nameOf } from './resource.ts';
import type { Resource } from './resource.ts';

let builds: Build[] = [];
beforeAll(async () => {
  builds = await buildManifests();
});
const buildOf = (name: string) => builds.find((build) => build.name === name)?.resources ?? [];

describe('what kustomize makes of k8s/', () => {
  it('is base, two overlays, Strimzi, production with every choice of four components, and local with a spool', () => {
    expect(builds).toHaveLength(4 + 2 ** 4 - 1 + 1);
  });

  it('is as the schemas of Kubernetes and of the operators want it', async () => {
    const different = new Map(builds.flatMap(({ resources }) => resources).map((one) => [JSON.stringify(one), one]));
    expect(different.size).toBeGreaterThan(40);
    expect(await checkSchemas([...different.values()])).toEqual([]);
  });

  it('keeps our rules for pods, and names nothing that is not there', () => {
    for (const { name, resources } of builds.filter((build) => build.name !== 'components/strimzi')) {
      expect({ name, faults: [...checkPods(resources), ...checkReferences(resources)] }).toEqual({ name, faults: [] });
    }
  });

  it('gives a Kafka of Strimzi the topics that `topics create` would make', () => {
    const topics = buildOf('components/strimzi').filter(({ kind }) => kind === 'KafkaTopic');
    const told = topics.map(({ metadata, spec }) => ({ name: metadata.name, ...(spec as object) }));
    const wanted = topicTable('nicochat').map((topic) => ({
      name: topic.name,
      partitions: topic.partitions,
      replicas: 3,
      config: {
        'min.insync.replicas': 2,
        'cleanup.policy': 'delete',
        'retention.ms': topic.retentionMs,
        'max.message.bytes': topic.maxMessageBytes,
        'message.timestamp.type': topic.timestampType,
        'compression.type': 'uncompressed',
      },
    }));
    const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name);
    expect(told.toSorted(byName)).toEqual(wanted.toSorted(byName));
  });
});

describe('a fault is found:', () => {
  const all = 'production with keda, monitoring, kafka-tls';
  /** The build with one resource changed. */
  function changed(kind: string, name: string, change: (resource: Resource) => void): Resource[] {
    const copy = structuredClone(buildOf(all));
    const found = copy.find((resource) => nameOf(resource) === `${kind} ${name}`);
    if (!found) throw new Error(`there is no ${kind} ${name}`);
    change(found);
    return copy;
  }
  // What a mistake may put there is not what the types say.
  // oxlint-disable-next-line typescript/no-explicit-any
  const spec = (resource: Resource) => resource.spec as any;
  const pod = (resource: Resource) => spec(resource).template.spec;
  const container = (resource: Resource) => pod(resource).containers[0];

  it.each<[string, string, string, (resource: Resource) => void, string]>([
    ['a misspelt field', 'Deployment', 'router', (one) => (container(one).readinesProbe = {}), 'readinesProbe'],
    ['a number as a text', 'Deployment', 'router', (one) => (spec(one).replicas = '2'), 'not assignable'],
    ['a field that is missing', 'ScaledObject', 'router', (one) => delete spec(one).scaleTargetRef, 'scaleTargetRef'],
    [
      'a misspelt field of an operator',
      'PodMonitor',
      'nicochat-bridge',
      (one) => (spec(one).selektor = {}),
      'selektor',
    ],
  ])('%s', async (_fault, kind, name, change, said) => {
    const faults = await checkSchemas(changed(kind, name, change));
    expect(faults).toEqual([expect.stringContaining(said)]);
    expect(faults[0]).toContain(`${kind} ${name}`);
  });

  it.each<[string, string, (resource: Resource) => void]>([
    ['Deployment', 'runs as a user other than root', (one) => delete pod(one).securityContext.runAsNonRoot],
    ['Deployment', 'has the seccomp profile', (one) => (pod(one).securityContext.seccompProfile.type = 'Unconfined')],
    ['Deployment', 'shares nothing of its host', (one) => (pod(one).hostNetwork = true)],
    ['Deployment', 'mounts no folder of its host', (one) => pod(one).volumes.push({ name: 'x', hostPath: {} })],
    ['Deployment', 'gains no privileges', (one) => delete container(one).securityContext.allowPrivilegeEscalation],
    ['Deployment', 'has no capabilities', (one) => (container(one).securityContext.capabilities.add = ['NET_ADMIN'])],
    ['Deployment', 'has a read-only root', (one) => delete container(one).securityContext.readOnlyRootFilesystem],
    ['Deployment', 'has no token', (one) => delete pod(one).automountServiceAccountToken],
    ['Deployment', 'gets no variables of services', (one) => delete pod(one).enableServiceLinks],
    ['Deployment', 'has a tag at its image', (one) => (container(one).image = 'registry.example.com:5000/router')],
    ['Deployment', 'requests CPU and memory', (one) => delete container(one).resources.limits],
    ['Deployment', 'has its three probes', (one) => (container(one).livenessProbe.httpGet.path = '/readyz')],
    ['Deployment', 'has time for its drain', (one) => (pod(one).terminationGracePeriodSeconds = 30)],
    ['Deployment', 'is spread over the nodes', (one) => delete pod(one).topologySpreadConstraints],
    ['Deployment', 'is replaced before it goes', (one) => (spec(one).strategy.rollingUpdate.maxUnavailable = 1)],
    [
      'Deployment',
      'sees no secrets of others',
      (one) => pod(one).volumes.push({ secret: { secretName: 'flow-keys' } }),
    ],
  ])('%s router: not so: %s', (kind, says, change) => {
    expect(checkPods(changed(kind, 'router', change))).toEqual([expect.stringContaining(says)]);
  });

  it.each<[string, string, string, (resource: Resource) => void]>([
    ['a config map', 'ConfigMap', 'bridge-config', (one) => (one.metadata.name = 'other')],
    ['a secret', 'Deployment', 'outbound', (one) => (pod(one).volumes[0].projected.sources[0].secret.name = 'other')],
    ['a volume', 'Deployment', 'outbound', (one) => (pod(one).volumes.length -= 1)],
    ['a port', 'Service', 'ingress', (one) => (spec(one).ports[0].targetPort = 'https')],
    ['a service', 'Service', 'ingress', (one) => (one.metadata.name = 'other')],
    ['what is scaled', 'HorizontalPodAutoscaler', 'ingress', (one) => (spec(one).scaleTargetRef.name = 'other')],
    ['a number for KEDA', 'Deployment', 'router', (one) => (spec(one).replicas = 2)],
    ['a number for an autoscaler', 'Deployment', 'ingress', (one) => (spec(one).replicas = 2)],
    ['pods of a policy', 'NetworkPolicy', 'bot-url', (one) => (spec(one).podSelector.matchLabels.x = 'y')],
    ['the peers of a policy', 'NetworkPolicy', 'kafka', (one) => delete spec(one).egress[0].to],
    ['a denial by default', 'NetworkPolicy', 'default-deny', (one) => (spec(one).policyTypes = ['Ingress'])],
    ['a level', 'Namespace', 'nicochat-bridge', (one) => delete one.metadata.labels],
    ['an app', 'Deployment', 'ingress', (one) => (one.metadata.name = 'other')],
    ['a budget', 'PodDisruptionBudget', 'router', (one) => (one.metadata.name = 'other')],
    ['a second pod', 'HorizontalPodAutoscaler', 'ingress', (one) => (spec(one).minReplicas = 1)],
    ['a second pod', 'ScaledObject', 'outbound', (one) => (spec(one).minReplicaCount = 1)],
  ])('%s that is not there', (_what, kind, name, change) => {
    expect(checkReferences(buildOf(all))).toEqual([]);
    expect(checkReferences(changed(kind, name, change))).not.toEqual([]);
  });
});
