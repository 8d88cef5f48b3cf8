/** As much as we use of the resources of Strimzi's API, version v1: https://strimzi.io/docs/operators/latest/configuring */
type Metadata = { name: string; labels: { 'strimzi.io/cluster': string } & Record<string, string> };

export type IKafkaTopic = {
  apiVersion: 'kafka.strimzi.io/v1';
  kind: 'KafkaTopic';
  metadata: Metadata;
  spec: { partitions: number; replicas: number; topicName?: string; config: Record<string, string | number | boolean> };
};

type Operation = 'Read' | 'Write' | 'Create' | 'Delete' | 'Alter' | 'Describe' | 'DescribeConfigs' | 'All';
type Pattern = { name: string; patternType?: 'literal' | 'prefix' };

export type IKafkaUser = {
  apiVersion: 'kafka.strimzi.io/v1';
  kind: 'KafkaUser';
  metadata: Metadata;
  spec: {
    authentication: { type: 'scram-sha-512' | 'tls' | 'tls-external' };
    authorization: {
      type: 'simple';
      acls: { resource: { type: 'topic' | 'group' | 'transactionalId' } & Pattern; operations: Operation[] }[];
    };
  };
};
