/** One thing that is wrong: `where` is a variable's name, or `bridge.yaml:12:7 connections.acme.limits.burst`. */
export type ConfigFault = { where: string; message: string };

/** The configuration can't be used. The message lists every fault, one a line, and never a secret's value. */
export class ConfigError extends Error {
  /** EX_CONFIG of sysexits.h: starting again without a change is of no use. */
  readonly exitCode = 78;
  readonly faults: ConfigFault[];

  constructor(faults: ConfigFault[]) {
    super(faults.map(({ where, message }) => `${where}: ${message}`).join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}
