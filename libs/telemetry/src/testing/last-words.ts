/** Logs many lines, the last one as its very last act, in the format named by the argument. Not as fatal: pino flushes after that by itself. */
import { createLogger } from '../index.ts';

const log = createLogger({ name: 'dying', level: 'info', format: process.argv[2] === 'pretty' ? 'pretty' : 'json' });
for (let line = 1; line < 1_000; line++) log.info({ line }, 'still here');
log.error({ connection: 'acme', token: 'token-secret' }, 'last words');
process.kill(process.pid, 'SIGKILL');
