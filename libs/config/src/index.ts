export type {
  BridgeConfig,
  Channel,
  Connection,
  NicoChat,
  Route,
  RouteField,
  SecretName,
  SignatureSettings,
  VerificationKey,
} from './bridge-config.ts';
export { bridgeFileJsonSchema } from './bridge-file/json-schema.ts';
export { channelTemplateFields, type ChannelTemplateField } from './channel-template.ts';
export { ConfigError, type ConfigFault } from './config-error.ts';
export { kafkaEnv, kafkaSettings, type KafkaEnv, type KafkaSettings } from './kafka-env.ts';
export { loadBridgeConfig } from './load-bridge-config.ts';
export { followLogLevel } from './log-level.ts';
export { processEnv } from './process-env.ts';
export { booleanEnv, portEnv, readEnv, wholeNumberEnv, type Env } from './read-env.ts';
export { watchBridgeConfig, type BridgeConfigWatch } from './reload/watch-bridge-config.ts';
export { showBridgeConfig } from './show-bridge-config.ts';
