/**
 * The version of OpenTelemetry's semantic conventions that every span of the bridge's own follows. Those of messaging are not
 * stable yet: their names change from one version to the next, so they are written down here and change with this line only.
 */
export const semanticConventionsVersion = '1.45.0';

export const messagingAttributes = {
  system: 'messaging.system.name',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  partition: 'messaging.destination.partition.id',
  consumerGroup: 'messaging.consumer.group.name',
  batchCount: 'messaging.batch.message_count',
  messageId: 'messaging.message.id',
  offset: 'kafka.offset',
  errorType: 'error.type',
} as const;
