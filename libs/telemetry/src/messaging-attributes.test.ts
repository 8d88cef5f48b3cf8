import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { expect, test } from 'vitest';
import { messagingAttributes, semanticConventionsVersion } from './messaging-attributes.ts';

// The package that OpenTelemetry's SDK brings with it, whose number is that of the conventions.
const sdk = import.meta.resolve('@opentelemetry/sdk-node');
const ofSdk = createRequire(sdk);
const brought = '@opentelemetry/semantic-conventions';

test('the attributes are those of the version that is named', () => {
  const manifest = findPackageJSON(brought, sdk) ?? '';
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  expect(version).toBe(semanticConventionsVersion);
  const conventions = ofSdk(`${brought}/incubating`) as Record<string, string>;
  expect(messagingAttributes).toEqual({
    system: conventions['ATTR_MESSAGING_SYSTEM_NAME'],
    operationName: conventions['ATTR_MESSAGING_OPERATION_NAME'],
    operationType: conventions['ATTR_MESSAGING_OPERATION_TYPE'],
    destination: conventions['ATTR_MESSAGING_DESTINATION_NAME'],
    partition: conventions['ATTR_MESSAGING_DESTINATION_PARTITION_ID'],
    consumerGroup: conventions['ATTR_MESSAGING_CONSUMER_GROUP_NAME'],
    batchCount: conventions['ATTR_MESSAGING_BATCH_MESSAGE_COUNT'],
    messageId: conventions['ATTR_MESSAGING_MESSAGE_ID'],
    offset: conventions['ATTR_KAFKA_OFFSET'],
    errorType: conventions['ATTR_ERROR_TYPE'],
  });
});
