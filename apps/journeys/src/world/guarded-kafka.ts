import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connectKafka } from '@bridge/kafka';
import { java } from '@bridge/tools/java';
import { startLocalKafka } from '@bridge/tools/local-kafka';
import { root } from '@bridge/tools/paths';
import { freePortPair, freePorts } from '@bridge/tools/ports';
import { parseAllDocuments } from 'yaml';
import { secretOf } from './private-values.ts';

/** A resource of k8s/components/strimzi/users.yaml: a user of Kafka, and all that he may. */
type KafkaUser = {
  metadata: { name: string };
  spec: { authorization: { acls: { resource: Resource; operations: Operation[] }[] } };
};
type Resource = { type: keyof typeof resourceTypes; name: string; patternType?: 'prefix' };
type Operation = keyof typeof operations;

// The numbers of Kafka's protocol.
const resourceTypes = { topic: 2, group: 3, transactionalId: 5 };
const operations = { Read: 3, Write: 4, Create: 5, Delete: 6, Describe: 8, DescribeConfigs: 10 };

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * A Kafka that apps reach by TLS and a login only, each with the rights that users.yaml gives to its user, for topics and
 * groups that begin with `prefix` instead of `nicochat`. The harness comes in by another port, and may do everything.
 */
export async function startGuardedKafka(prefix: string) {
  const users = readUsers(prefix);
  const folder = mkdtempSync(join(tmpdir(), 'bridge-guarded-kafka-'));
  const tls = makeCertificate(folder);
  const [guarded = 0] = await freePorts(1);
  const port = await freePortPair([guarded]);
  const kafka = await startLocalKafka({
    port,
    behindProxy: { proxyPort: port, internalPort: guarded },
    settings: [...guard(users), ...tls.settings].join('\n'),
  });
  const stop = async () => {
    await kafka.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await grant(kafka.brokers, users);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    brokers: kafka.brokers,
    stop,
    /** The environment of the user's process: nicochat-ingress for `ingress`, and so on. */
    envOf: (name: string): Record<string, string> => ({
      KAFKA_BROKERS: `127.0.0.1:${guarded}`,
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: tls.caFile,
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: `nicochat-${name}`,
      KAFKA_SASL_PASSWORD: passwordOf(`nicochat-${name}`),
    }),
  };
}

const passwordOf = (user: string) => secretOf(`password-of-${user}`);

function readUsers(prefix: string): KafkaUser[] {
  const file = readFileSync(join(root, 'k8s', 'components', 'strimzi', 'users.yaml'), 'utf8');
  const own = file.replaceAll('name: nicochat.', `name: ${prefix}.`).replaceAll('name: chat.', `name: ${prefix}.chat.`);
  return parseAllDocuments(own).map((document) => document.toJS() as KafkaUser);
}

/** Whoever comes by the open port is anonymous, and may do everything. */
const guard = (users: KafkaUser[]) => [
  'inter.broker.listener.name=PLAINTEXT',
  'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,INTERNAL:SASL_SSL',
  'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users=User:ANONYMOUS',
  'listener.name.internal.sasl.enabled.mechanisms=PLAIN',
  'listener.name.internal.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required ' +
    `${users.map(({ metadata: { name } }) => `user_${name}="${passwordOf(name)}"`).join(' ')};`,
];

/** A certificate that signed itself, by the JDK's own tool. */
function makeCertificate(folder: string) {
  const keystore = join(folder, 'broker.p12');
  const caFile = join(folder, 'ca.crt');
  const keytool = java === 'java' ? 'keytool' : join(dirname(java), 'keytool');
  const store = ['-keystore', keystore, '-storepass', 'changeit', '-alias', 'broker'];
  const subject = ['-dname', 'CN=localhost', '-ext', 'SAN=ip:127.0.0.1', '-validity', '2'];
  execFileSync(keytool, ['-genkeypair', '-keyalg', 'EC', '-storetype', 'PKCS12', ...subject, ...store], quiet);
  execFileSync(keytool, ['-exportcert', '-rfc', '-file', caFile, ...store], quiet);
  const settings = { location: keystore, password: 'changeit', type: 'PKCS12' };
  return {
    caFile,
    settings: Object.entries(settings).map(([name, value]) => `listener.name.internal.ssl.keystore.${name}=${value}`),
  };
}

const quiet = { stdio: 'pipe' } as const;

async function grant(brokers: string, users: KafkaUser[]): Promise<void> {
  const settings = { brokers: [brokers], topicPrefix: '', startupTimeoutMs: 60_000 };
  const admin = connectKafka({ settings, clientId: 'journeys', log: silent }).open().admin();
  await admin.connect();
  try {
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- kafkajs, and its enums, are the library's
    await admin.createAcls({ acl: users.flatMap(rightsOf) });
  } finally {
    await admin.disconnect();
  }
}

function rightsOf({ metadata, spec }: KafkaUser) {
  return spec.authorization.acls.flatMap(({ resource, operations: granted }) =>
    granted.map((operation) => ({
      principal: `User:${metadata.name}`,
      host: '*',
      resourceType: resourceTypes[resource.type],
      resourceName: resource.name,
      resourcePatternType: resource.patternType === 'prefix' ? 4 : 3,
      operation: operations[operation],
      permissionType: 3,
    })),
  );
}
