type Write = (fields: object, message: string) => void;

/** What this library needs of a logger; pino's has it. */
export type Log = { info: Write; warn: Write; error: Write; fatal: Write };
