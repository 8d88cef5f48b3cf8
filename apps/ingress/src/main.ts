import { followLogLevel, kafkaSettings, readEnv, watchBridgeConfig } from '@bridge/config';
import { connectKafka } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';
import { runService } from '@bridge/service';
import { createLogger, createMetrics, traceSends } from '@bridge/telemetry';
import { createBodyBudget } from './body-budget.ts';
import { createCaptureStore } from './captures/capture-store.ts';
import { createCapturesEndpoint } from './captures/captures-endpoint.ts';
import { createCapturer } from './captures/create-capturer.ts';
import { ingressEnv } from './env.ts';
import { createKafkaStore, createSpooledStore } from './event-store.ts';
import { warnOfExpiringKeys } from './expiring-keys.ts';
import { createHandshakeLimiter } from './handshake-limiter.ts';
import { createKeyMetrics } from './key-metrics.ts';
import { createCaptureMetrics, createIngressMetrics } from './metrics.ts';
import { openSpool } from './spool.ts';
import { createWebhookApp } from './webhook-app.ts';
import { createWebhookHandler } from './webhook-handler.ts';
import { createWebhookServer } from './webhook-server.ts';

const name = 'ingress';

await runService(() => {
  const env = readEnv(ingressEnv, process.env);
  const log = createLogger({ name, level: env.LOG_LEVEL, format: env.LOG_FORMAT });
  const appMetrics = createMetrics(name);
  const bodies = createBodyBudget(env.INGRESS_BODY_LIMIT_BYTES);
  const metrics = createIngressMetrics(appMetrics, bodies.usedBytes);
  const captures = createCaptureStore();
  const { captured } = createCaptureMetrics(appMetrics, captures.list);

  return {
    name,
    log,
    readinessGraceMs: env.READINESS_GRACE_MS,
    host: env.HOST,
    port: env.INGRESS_PROBES_PORT,
    metrics: appMetrics.render,
    local: createCapturesEndpoint(captures),
    build: async () => {
      const settings = kafkaSettings(env);
      const config = watchBridgeConfig({
        path: env.BRIDGE_CONFIG,
        env: process.env,
        secrets: ['verificationKeys'],
        allowUnsigned: env.BRIDGE_ALLOW_UNSIGNED,
        log,
        metrics: appMetrics,
      });
      const connections = () => config.current().connections;
      followLogLevel(config, log);
      warnOfExpiringKeys(config, log);
      const client = connectKafka({ settings, clientId: `${settings.topicPrefix}.${name}`, log });
      const folder = env.INGRESS_SPOOL_DIR;
      const spool =
        folder === undefined ? undefined : openSpool({ folder, maxBytes: env.INGRESS_SPOOL_MAX_BYTES, log });
      const events = spool
        ? createSpooledStore({ client, spool, metrics: appMetrics, log })
        : await createKafkaStore(client, appMetrics);
      const handle = createWebhookHandler({
        connectionOf: (id) => connections().get(id),
        store: traceSends(events.store),
        topic: topicNames(settings.topicPrefix).inboundEvents,
        bodies,
        publishTimeoutMs: env.INGRESS_PUBLISH_TIMEOUT_MS,
        handshakes: createHandshakeLimiter(),
        metrics,
        capture: createCapturer(captures, captured),
        keyVerified: createKeyMetrics(appMetrics, () => connections().values()).verified,
      });
      const app = createWebhookApp({ handle, trustedProxies: env.INGRESS_TRUSTED_PROXIES, metrics, log });
      const { HOST: host, INGRESS_PORT: port } = env;
      const server = createWebhookServer({ app, host, port, log, onRefused: metrics.connectionRefused });
      return [config, ...events.parts, server];
    },
  };
});
