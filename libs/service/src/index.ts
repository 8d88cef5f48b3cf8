export { listen, PortError } from './listen.ts';
export type { Part } from './lifecycle.ts';
export type { Log } from './log.ts';
export type { Answer, LocalRequest } from './probes-server.ts';
export { runService, type ServiceOptions } from './run-service.ts';
