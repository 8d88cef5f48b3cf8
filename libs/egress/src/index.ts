export { createEgressAgent, EgressRefusedError } from './egress-agent.ts';
// The callers' requests and this agent must be of the same copy of undici: two versions do not understand each other.
export { errors, fetch, request } from 'undici';
export type { Dispatcher } from 'undici';
