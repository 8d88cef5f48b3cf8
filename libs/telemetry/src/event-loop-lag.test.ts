import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('what holds up the event loop is its lag, until the next scrape, and waiting is none', async () => {
  const { render } = createMetrics('ingress');
  const scrape = async () => {
    const { body } = await render();
    const lags = body.matchAll(/^nodejs_eventloop_lag_(min|max|p50)_seconds (\S+)$/gm);
    return Object.fromEntries([...lags].map(([, figure, seconds]) => [figure, Number(seconds)]));
  };
  await pause(450);
  holdUp(400);
  await pause(50);
  const { min, max, p50 } = await scrape();
  expect(max).toBeGreaterThan(0.25);
  expect(min).toBeLessThan(0.25);
  expect(p50).toBeLessThan(0.25);
  await pause(450);
  expect((await scrape()).max).toBeLessThan(0.25);
});

function holdUp(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}
