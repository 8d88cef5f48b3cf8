import { faultOf, selectorsOf } from './promql.ts';

type Metric = { name: string; type: string; labelNames: string[] };

/** What Prometheus itself adds to what it scrapes. */
const targetLabels = ['instance', 'job'];

/** Judges expressions by the metrics that the apps have and the series that rules record. */
export function createExpressionJudge(metrics: Metric[], recorded: string[]) {
  const series = new Map<string, string[]>([['up', []]]);
  for (const { name, type, labelNames } of metrics) {
    if (type !== 'histogram') series.set(name, labelNames);
    else for (const ending of ['_bucket', '_count', '_sum']) series.set(name + ending, [...labelNames, 'le']);
  }

  function judgeSelector({ name, labels }: { name: string; labels: string[] }): string[] {
    const known = series.get(name);
    // What is recorded has the labels that its rule leaves: promtool's tests look at those.
    if (recorded.includes(name)) return [];
    if (!known) return [`no app has ${name === '' ? 'a metric without a name' : name}`];
    const others = labels.filter((label) => !known.includes(label) && !targetLabels.includes(label));
    return others.map((label) => `${name} has no label ${label}`);
  }

  /** What is wrong with an expression; nothing when all is well. */
  return (expression: string): string[] => {
    const fault = faultOf(expression);
    return fault === undefined ? selectorsOf(expression).flatMap(judgeSelector) : [fault];
  };
}
