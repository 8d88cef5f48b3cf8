/** What a command may touch of the process it runs in. */
export type CommandContext = {
  env: Record<string, string | undefined>;
  /** Results, for people or for the next program in a pipe. */
  print(line: string): void;
  /** Progress and warnings: standard error, so that results stay clean. */
  note(line: string): void;
  /** All of standard input. */
  readInput(): Promise<Buffer>;
  /** From the first call on, Ctrl-C and SIGTERM abort this signal instead of ending the process. */
  interruption(): AbortSignal;
};
