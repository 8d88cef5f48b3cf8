export { createEgressAgent, EgressRefusedError } from './egress-agent.ts';
