import { join } from 'node:path';
import { whenNpmIsGone } from './ancestors.ts';
import { lastWords, startApp, untilReady, type AppName, type AppProcess } from './app-process.ts';
import { bridge, stopBridgeCommands } from './bridge-command.ts';
import { describeDemo } from './demo-addresses.ts';
import { demoConfig } from './demo-config.ts';
import { runConversation } from './demo-conversation.ts';
import { demoPorts, refuseBusyPorts } from './demo-ports.ts';
import { startLocalKafka, type LocalKafka } from './local-kafka.ts';
import { kafkaDataFolder, logFolder } from './paths.ts';
import { ToolError } from './tool-error.ts';

const started = performance.now();
const apps: AppProcess[] = [];
const noKafka = new AbortController();
let kafka: Promise<LocalKafka> | undefined;
let stoppingSince: number | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
whenNpmIsGone(() => void stop(1));
// With the terminal gone there is nobody to read, and everything still to stop.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  await start();
} catch (error) {
  if (stoppingSince === undefined) {
    console.error(`\n${error instanceof ToolError ? error.message : (error as Error).stack}`);
    await stop(1);
  }
}

async function start(): Promise<void> {
  const ports = demoPorts(process.env);
  const { KAFKA_PORT, ...appPorts } = ports;
  const given = process.env['KAFKA_BROKERS'];
  await refuseBusyPorts(given ? appPorts : ports);

  kafka = given
    ? Promise.resolve({ brokers: given, stop: async () => {} })
    : startLocalKafka({ port: KAFKA_PORT, dataDir: kafkaDataFolder, onProgress: progress, signal: noKafka.signal });
  const { brokers } = await kafka;
  const config = demoConfig(ports);
  const texts = Object.entries(ports).map(([name, port]) => [name, String(port)]);
  const env = {
    ...process.env,
    ...(Object.fromEntries(texts) as Record<string, string>),
    HOST: '127.0.0.1',
    KAFKA_BROKERS: brokers,
    BRIDGE_CONFIG: config,
  };
  await step('Creating the topics…');
  await bridge(['topics', 'create'], env);

  await step('Starting simulator, ingress, router and outbound…');
  const probes: [AppName, number][] = [
    ['simulator', ports.SIMULATOR_PROBES_PORT],
    ['ingress', ports.INGRESS_PROBES_PORT],
    ['router', ports.ROUTER_PROBES_PORT],
    ['outbound', ports.OUTBOUND_PROBES_PORT],
  ];
  const ready = probes.map(([name, port]) => {
    // Whoever tries it out wants to see each outcome.
    const app = startApp(name, { env: { LOG_LEVEL: 'debug', ...env }, logFile: join(logFolder, `${name}.log`) });
    apps.push(app);
    return untilReady(app, port);
  });
  await Promise.all(ready);
  for (const app of apps) void app.ended.then(() => stopFor(app));

  await step('Setting the webhook: NicoChat (here the simulator) does its handshake with ingress…');
  console.log((await bridge(['webhook', 'set', 'demo'], env)).trimEnd().replaceAll(/^/gm, '        '));
  await step('One conversation:');
  await runConversation({ env, simulator: `http://127.0.0.1:${ports.SIMULATOR_PORT}` });
  console.log(describeDemo({ ports, brokers, config }));
}

/** The next step, unless everything is to stop: then none follows. */
async function step(line: string): Promise<void> {
  if (stoppingSince !== undefined) await new Promise(() => {});
  progress(line);
}

function progress(line: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${`${seconds} s`.padStart(7)} ${line}`);
}

async function stopFor(app: AppProcess): Promise<void> {
  if (stoppingSince !== undefined) return;
  console.error(`\n${lastWords(app)}`);
  await stop(1);
}

/** Apps first, so that they can finish what they have in hand; then Kafka. */
async function stop(code: number): Promise<void> {
  if (stoppingSince !== undefined) {
    // A terminal and npm may both pass on one Ctrl-C. One that comes later means: now. What runs ends by itself then.
    if (performance.now() - stoppingSince > 1_000) process.exit(code || 1);
    return;
  }
  stoppingSince = performance.now();
  if (kafka) console.log('\nStopping…');
  await Promise.all([stopBridgeCommands(), ...apps.map((app) => app.terminate())]);
  noKafka.abort();
  await kafka?.then((running) => running.stop()).catch(() => {});
  if (kafka) console.log('Stopped.');
  process.exit(code);
}
