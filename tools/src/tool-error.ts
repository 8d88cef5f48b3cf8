/** A failure that its reader can mend: the message says what to do, and no stack is shown. */
export class ToolError extends Error {
  override name = 'ToolError';
}
