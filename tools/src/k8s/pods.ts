import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '../tool-error.ts';
import { getJson, kubectl } from './kubectl.ts';

export const components = ['router', 'outbound', 'ingress'] as const;
export type Component = (typeof components)[number];

type ContainerStatus = { image: string; restartCount: number; state: { waiting?: { reason: string } } };
type Pod = {
  metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string };
  status: {
    podIP?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: ContainerStatus[];
  };
};

const limitMs = 300_000;
const ofBridge = 'app.kubernetes.io/name=nicochat-bridge';

export async function podsOf(component: Component): Promise<Pod[]> {
  const selector = `${ofBridge},app.kubernetes.io/component=${component}`;
  return (await getJson<{ items: Pod[] }>(['pods', `--selector=${selector}`])).items;
}

export const namesOf = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name).toSorted();

/** Waits until the component has just so many pods, all ready, none on its way out, and none of `gone`. */
export async function untilPods(component: Component, count: number, gone: readonly string[] = []): Promise<Pod[]> {
  return until(`${count} ready pods of ${component}`, async () => {
    const pods = await podsOf(component);
    const settled = pods.every((pod) => isReady(pod) && !gone.includes(pod.metadata.name));
    return pods.length === count && settled ? pods : undefined;
  });
}

/** Waits until all that was applied runs. @throws {ToolError} at once when an image is not there */
export async function untilAllRun(): Promise<void> {
  await until('all pods to be ready', async () => {
    const { items } = await getJson<{ items: Pod[] }>(['pods']);
    for (const image of items.flatMap(missingImages)) throw new ToolError(`The cluster has no image ${image}.${howTo}`);
    const needed = items.filter(({ metadata }) => metadata.labels['app.kubernetes.io/component'] !== 'topics');
    return needed.length > 0 && needed.every(isReady) ? true : undefined;
  });
  await kubectl(['wait', '--for=condition=Complete', 'job/topics', '--timeout=60s']);
}

/** How often the kubelet had to start each pod's container again, by the pod's name. */
export async function restarts(): Promise<Map<string, number>> {
  const { items } = await getJson<{ items: Pod[] }>(['pods', `--selector=${ofBridge}`]);
  return new Map(
    items.map(({ metadata, status }) => [metadata.name, status.containerStatuses?.[0]?.restartCount ?? 0]),
  );
}

export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) {
      throw new ToolError(`Waited five minutes for ${what} in vain. There was:\n${await kubectl(['get', 'pods'])}`);
    }
    await sleep(1_000);
  }
}

const isReady = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp === undefined &&
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

const missingImages = ({ status }: Pod) =>
  (status.containerStatuses ?? [])
    .filter(({ state }) => /^(ErrImage|ImagePull|ErrImageNeverPull)/.test(state.waiting?.reason ?? ''))
    .map(({ image }) => image);

const howTo = `
Build them all by \`docker compose build\`, and bring them into the cluster, for kind by
  kind load docker-image nicochat-bridge-{ingress,router,outbound,cli,simulator,journeys}:0.1.0
Others: docs/operations.md, "Run it on Kubernetes".`;
