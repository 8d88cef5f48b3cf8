import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

/** How often a timer is due whose lateness is the lag. Each time wakes the process, which may have nothing else to do. */
const everyMs = 100;

type Delay = ReturnType<typeof monitorEventLoopDelay>;

const lateness = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - everyMs / 1_000);
/** By what a figure is called in its metric's name: what it tells, and its value in seconds. */
const figures: Record<string, { of: string; read: (delay: Delay) => number }> = {
  min: { of: 'least', read: ({ min }) => lateness(min) },
  max: { of: 'greatest', read: ({ max }) => lateness(max) },
  mean: { of: 'mean', read: ({ mean }) => lateness(mean) },
  stddev: { of: 'standard deviation of the', read: ({ stddev }) => stddev / 1e9 },
  p50: { of: '50th percentile of the', read: (delay) => lateness(delay.percentile(50)) },
  p90: { of: '90th percentile of the', read: (delay) => lateness(delay.percentile(90)) },
  p99: { of: '99th percentile of the', read: (delay) => lateness(delay.percentile(99)) },
};

/**
 * `nodejs_eventloop_lag_{min,max,mean,stddev,p50,p90,p99}_seconds` in place of prom-client's own, whose timer is due every 10 ms
 * and which count the time between two looks as lag.
 */
export function measureEventLoopLag(registry: Registry): void {
  const delay = monitorEventLoopDelay({ resolution: everyMs });
  delay.enable();
  const gauges = Object.entries(figures).map(([figure, { of, read }]) => {
    const name = `nodejs_eventloop_lag_${figure}_seconds`;
    registry.removeSingleMetric(name);
    const help = `The ${of} lag of the event loop since the last scrape.`;
    return { gauge: new Gauge({ name, help, registers: [registry], collect }), read };
  });

  /** The first gauge that is asked sets all of them. */
  function collect(): void {
    if (delay.count === 0) return;
    for (const { gauge, read } of gauges) gauge.set(read(delay));
    delay.reset();
  }
}
