import { expect, test } from 'vitest';
import { demoPorts } from './demo-ports.ts';

test('each port is its variable’s, or the default', () => {
  expect(demoPorts({ INGRESS_PORT: '18080', SIMULATOR_PORT: '' })).toMatchObject({
    INGRESS_PORT: 18_080,
    SIMULATOR_PORT: 8090,
    KAFKA_PORT: 9092,
  });
});

test.each(['0', 'http', '80.5', '65535', '-1'])('%s is no port', (given) => {
  expect(() => demoPorts({ INGRESS_PORT: given })).toThrow(`INGRESS_PORT must be a port, and is ${given}`);
});
