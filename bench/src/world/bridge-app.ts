import { endOfLog, lastWords, startApp, untilReady } from '@bridge/tools/app-process';
import type { AppName } from '@bridge/tools/app-process';
import type { Contestant } from './contestant.ts';

/** The bridge's own app, run as production does: default settings, its log in a file. */
export function bridgeApp(app: Exclude<AppName, 'simulator'>, name = 'bridge'): Contestant {
  return {
    name,
    promises: 'exactly',
    start({ env, logFile }) {
      const running = startApp(app, { env, logFile });
      const ready = untilReady(running, Number(env['PROBES_PORT']));
      // Whoever waits for it learns of it.
      ready.catch(() => {});
      return {
        groups: [running.pid],
        ready,
        died: () => (running.isRunning() ? undefined : lastWords(running)),
        async stop() {
          const { code } = running.isRunning() ? await running.terminate() : await running.ended;
          if (code !== 0) throw new Error(`${app} ended with ${code}. ${endOfLog(running)}`);
        },
      };
    },
  };
}
