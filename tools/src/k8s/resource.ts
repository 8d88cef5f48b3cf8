/** As much of a Kubernetes resource as the rules look at. */
export type Resource = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Labels };
  spec?: {
    replicas?: number;
    minReplicas?: number;
    minReplicaCount?: number;
    template?: { metadata: { labels: Labels }; spec: PodSpec };
    strategy?: { rollingUpdate?: { maxUnavailable?: number | string } };
    selector?: Labels & { matchLabels?: Labels };
    podSelector?: { matchLabels?: Labels };
    policyTypes?: string[];
    ingress?: { from?: object[] }[];
    egress?: { to?: object[] }[];
    ports?: { targetPort?: string | number }[];
    scaleTargetRef?: { kind?: string; name: string };
    rules?: { http: { paths: { backend: { service: { name: string } } }[] } }[];
    volumeClaimTemplates?: { metadata: { name: string } }[];
  };
};

export type Labels = Record<string, string>;

export type Container = {
  name: string;
  image: string;
  envFrom?: { configMapRef?: { name: string } }[];
  ports?: { name: string }[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[]; add?: string[] };
  };
  volumeMounts?: { name: string }[];
};

type Probe = { httpGet?: { path: string } };

export type Volume = {
  name: string;
  configMap?: { name: string };
  secret?: { secretName: string };
  emptyDir?: object;
  projected?: { sources: { secret?: { name: string }; configMap?: { name: string } }[] };
};

export type PodSpec = {
  automountServiceAccountToken?: boolean;
  enableServiceLinks?: boolean;
  terminationGracePeriodSeconds?: number;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  securityContext?: { runAsNonRoot?: boolean; seccompProfile?: { type: string } };
  topologySpreadConstraints?: { topologyKey: string }[];
  initContainers?: Container[];
  containers: Container[];
  volumes?: Volume[];
};

export const nameOf = ({ kind, metadata }: Resource) => `${kind} ${metadata.name}`;

/** Whether a selector takes what has these labels. */
export const selects = (wanted: Labels, labels: Labels) =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);
