export { connectKafka } from './connect-kafka.ts';
export type { KafkaClient, KafkaSettings } from './connect-kafka.ts';
export { consumeInLanes } from './consume-in-lanes.ts';
export type { HandleRecord, LaneConsumer, LaneOutcome } from './consume-in-lanes.ts';
export type { Ledger } from './ledger-reader.ts';
export { consumeInTransactions } from './consume-in-transactions.ts';
export type { TransactionalConsumer } from './consume-in-transactions.ts';
export { deadLetterRecord } from './dead-letter.ts';
export { BrokerUnreachableError, ConsumerLostError, PublishError, TopicError } from './errors.ts';
export type { PublishErrorKind } from './errors.ts';
export type { Log } from './log.ts';
export { partitionOf } from './partition-of.ts';
export { PassingSet } from './passing-set.ts';
export type { PartitionProgress } from './partition-progress.ts';
export { endsBefore, pause } from './pause.ts';
export { createPublisher } from './publisher.ts';
export type { Publisher } from './publisher.ts';
export { readRange, topicRanges } from './read-range.ts';
export type { OffsetRange } from './reader.ts';
export { readTopic } from './read-topic.ts';
export type { ConsumedRecord, HeaderValue, OutgoingRecord } from './records.ts';
export type { Ack } from './publish-request.ts';
export type { BatchPlan } from './store-planned.ts';
export type { Tenure } from './tenure.ts';
export { TopicRefusal } from './topic-refusal.ts';
export {
  checkTopics,
  countBrokers,
  createTopics,
  partitionCounts,
  untilBrokerAnswers,
  waitForTopics,
} from './topics.ts';
export type { Drift, Replication, TopicSettings } from './topics.ts';
