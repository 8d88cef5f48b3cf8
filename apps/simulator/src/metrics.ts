import { createMetrics } from '@bridge/telemetry';

export type SimulatorMetrics = ReturnType<typeof createSimulatorMetrics>;

/** All that the simulator counts. */
export const createSimulatorMetrics = () => {
  const metrics = createMetrics('simulator');
  return {
    requests: metrics.counter({
      name: 'bridge_simulator_requests_total',
      help: 'Requests received, by endpoint and by what became of them',
      labelNames: ['endpoint', 'outcome'],
    }),
    deliveries: metrics.counter({
      name: 'bridge_simulator_deliveries_total',
      help: 'Attempts to deliver to a webhook, by outcome',
      labelNames: ['outcome'],
    }),
    render: () => metrics.render(),
  };
};
