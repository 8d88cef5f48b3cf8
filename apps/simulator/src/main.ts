import { readEnv } from '@bridge/config';
import { runService } from '@bridge/service';
import { createLogger } from '@bridge/telemetry';
import { createSimulator } from './create-simulator.ts';
import { simulatorEnv } from './env.ts';
import { createSimulatorMetrics } from './metrics.ts';
import { readPresetWorkspaces } from './workspaces.ts';

await runService(() => {
  const env = readEnv(simulatorEnv, process.env);
  const log = createLogger({ name: 'simulator', level: env.LOG_LEVEL, format: env.LOG_FORMAT });
  const metrics = createSimulatorMetrics();
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
        presets: readPresetWorkspaces(env.SIMULATOR_WORKSPACES),
        log,
        metrics,
      }),
    ],
  };
});
