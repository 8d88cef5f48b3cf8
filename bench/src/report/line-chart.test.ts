import { expect, it } from 'vitest';
import { lineChart } from './line-chart.ts';

const chart = lineChart({
  title: 'Throughput <by> connections & so on',
  xTitle: 'connections',
  yTitle: 'records/s',
  lines: [
    {
      name: 'ingress',
      points: [
        [1, 6_000],
        [10, 6_000],
        [1_000, 3_000],
      ],
    },
    {
      name: 'outbound',
      points: [
        [1, 0],
        [1_000, 8_000],
      ],
    },
  ],
});
const attributes = (pattern: RegExp) => [...chart.matchAll(pattern)].map(([, value]) => value);

it('x goes by the logarithm, y from 0 to a round number', () => {
  // 80 to 610, and 40 to 290.
  expect(attributes(/<polyline points="([^"]+)"/g)).toEqual([
    '80.0,102.5 256.7,102.5 610.0,196.3',
    '80.0,290.0 610.0,40.0',
  ]);
});

it('what was measured is named, and what it means', () => {
  const texts = attributes(/<text [^>]*>([^<]+)</g);
  expect(texts).toEqual(expect.arrayContaining(['1', '10', '1,000', '8,000', 'ingress', 'outbound', 'connections']));
  expect(texts).toContain('Throughput &lt;by&gt; connections &amp; so on');
});

it('a single point, or none, makes a chart, too', () => {
  const one = lineChart({ title: '', xTitle: '', yTitle: '', lines: [{ name: 'a', points: [[4, 2]] }] });
  expect(one).toContain('points="345.0,40.0"');
  expect(lineChart({ title: '', xTitle: '', yTitle: '', lines: [] })).not.toContain('NaN');
});
