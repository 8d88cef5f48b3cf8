/** One line of a chart. */
export type Line = { name: string; points: readonly (readonly [x: number, y: number])[] };

export type Chart = { title: string; xTitle: string; yTitle: string; lines: readonly Line[] };

const width = 640;
const height = 360;
const margin = { left: 80, right: 30, top: 40, bottom: 70 };
const colours = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#8c564b'];

/**
 * An SVG of the lines. The places on the x axis are those that have been measured, by their logarithm; the y axis begins
 * at 0, so that a line that looks flat is flat.
 */
export function lineChart({ title, xTitle, yTitle, lines }: Chart): string {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))].toSorted((a, b) => a - b);
  const top = niceTop(Math.max(0, ...lines.flatMap(({ points }) => points.map(([, y]) => y))));
  const [low = 1, high = 1] = [xs[0], xs.at(-1)].map((x) => Math.log(x ?? 1));
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const atX = (x: number) => margin.left + (high === low ? 0.5 : (Math.log(x) - low) / (high - low)) * inner.width;
  const atY = (y: number) => margin.top + (1 - y / top) * inner.height;
  const yTicks = [0, 1, 2, 3, 4].map((quarter) => (top * quarter) / 4);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(width / 2, 22, title, 'text-anchor="middle" font-size="14"'),
    ...yTicks.flatMap((y) => [
      `<path d="M${margin.left} ${fixed(atY(y))}H${width - margin.right}" stroke="#ddd"/>`,
      text(margin.left - 8, atY(y) + 4, numberText(y), 'text-anchor="end"'),
    ]),
    ...xs.map((x) => text(atX(x), height - margin.bottom + 18, numberText(x), 'text-anchor="middle"')),
    text(margin.left + inner.width / 2, height - margin.bottom + 36, xTitle, 'text-anchor="middle"'),
    text(16, margin.top - 12, yTitle, ''),
    ...lines.flatMap((line, index) => drawn(line, colours[index % colours.length] ?? '', index, { atX, atY })),
    '</svg>',
    '',
  ].join('\n');
}

type Scales = { atX(x: number): number; atY(y: number): number };

function drawn({ name, points }: Line, colour: string, index: number, { atX, atY }: Scales): string[] {
  const places = points.map(([x, y]) => `${fixed(atX(x))},${fixed(atY(y))}`);
  const legendX = margin.left + index * 140;
  return [
    `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map(([x, y]) => `<circle cx="${fixed(atX(x))}" cy="${fixed(atY(y))}" r="3" fill="${colour}"/>`),
    `<rect x="${legendX}" y="${height - 22}" width="10" height="10" fill="${colour}"/>`,
    text(legendX + 15, height - 13, name, ''),
  ];
}

const text = (x: number, y: number, content: string, attributes: string) =>
  `<text x="${fixed(x)}" y="${fixed(y)}" ${attributes}>${escaped(content)}</text>`;

const escaped = (content: string) => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const fixed = (coordinate: number) => coordinate.toFixed(1);
const numberText = (value: number) =>
  value >= 1 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)));

/** The next larger of 1, 2, 4 and 8 times a power of ten: its quarters are easy to read. */
function niceTop(largest: number): number {
  if (largest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  return power * ([1, 2, 4, 8, 10].find((step) => step * power >= largest) ?? 10);
}
