/** What the command ends with; printed by the root help, so keep both alike. */
export const exitCodes = { ok: 0, negative: 1, usage: 2, brokerUnreachable: 69, configuration: 78 } as const;

/** The command did not do what was asked. The message says what happened, where, and what to do about it. */
export class CommandError extends Error {
  override name = 'CommandError';
  exitCode: (typeof exitCodes)[keyof typeof exitCodes];

  constructor(message: string, exitCode: keyof typeof exitCodes = 'negative', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCodes[exitCode];
  }
}
