/** What `read` makes of the command line. What it throws is said, above the usage, and the process ends with 2. */
export function optionsOrUsage<Options>(read: (given: string[]) => Options, usage: string): Options {
  try {
    return read(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return process.exit(2);
  }
}
