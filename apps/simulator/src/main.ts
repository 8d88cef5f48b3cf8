import { readEnv } from '@bridge/config';
import { runService } from '@bridge/service';
import { createLogger } from '@bridge/telemetry';
import { createSimulator } from './create-simulator.ts';
import { simulatorEnv } from './env.ts';
import { createSimulatorMetrics } from './metrics.ts';
import { withRandomScheme } from './random-scheme.ts';
import { readPresetWorkspaces } from './workspaces.ts';

await runService(() => {
  const env = readEnv(simulatorEnv, process.env);
  const log = createLogger({ name: 'simulator', level: env.LOG_LEVEL, format: env.LOG_FORMAT });
  const metrics = createSimulatorMetrics();
  const presets = readPresetWorkspaces(env.SIMULATOR_WORKSPACES);
  const seed = env.SIMULATOR_SCHEME;
  if (seed !== undefined) log.info({ seed }, 'signatures and payloads are drawn from a seed');
  return {
    name: 'simulator',
    log,
    host: env.HOST,
    port: env.SIMULATOR_PROBES_PORT,
    metrics: metrics.render,
    build: () => [
      createSimulator({
        host: env.HOST,
        port: env.SIMULATOR_PORT,
        publicUrl: env.SIMULATOR_PUBLIC_URL,
        presets: seed === undefined ? presets : presets.map((preset) => withRandomScheme(preset, seed)),
        log,
        metrics,
      }),
    ],
  };
});
