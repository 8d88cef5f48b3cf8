/** As pino knows them, from the most to the least that is told. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

/**
 * Lets a log follow `log.level` of bridge.yaml, at once and at each change; where the file says nothing, the level that the log
 * had before holds.
 */
export function followLogLevel(
  config: { current(): { log?: { level?: LogLevel } }; onChange(listener: () => void): void },
  log: { level: string },
): void {
  const { level } = log;
  const follow = () => {
    log.level = config.current().log?.level ?? level;
  };
  follow();
  config.onChange(follow);
}
