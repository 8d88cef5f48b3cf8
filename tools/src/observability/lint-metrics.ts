type Metric = { name: string; type: string; help: string; labelNames: string[] };

/** Units that are no base units, or are abbreviated. */
const wrongUnit =
  /_(ms|milliseconds?|micros\w*|nanos\w*|minutes?|hours?|days?|secs?|kb|mb|kilobytes|megabytes|percent)(_|$)/;

/** What `promtool check metrics` would say against a metric, and a little more. */
export function lintMetric({ name, type, help, labelNames }: Metric): string[] {
  const faults = {
    'has no help': help.trim() === '',
    'is no counter and ends in _total': type !== 'counter' && name.endsWith('_total'),
    'is a counter and does not end in _total': type === 'counter' && !name.endsWith('_total'),
    'has a colon, as recorded series have': name.includes(':'),
    'is not in snake_case': !/^[a-z][a-z0-9_:]*$/.test(name) || name.includes('__'),
    'has another unit than the base units': wrongUnit.test(name),
    'has the type in its name': /(^|_)(counter|gauge|histogram|summary|metric)(_|$)/.test(name),
    'ends as a part of a histogram': /_(bucket|count|sum|info_total)$/.test(name),
    'has a label that may be an id': labelNames.some((label) =>
      /(^|_)id$|conversation|contact|command|event|path/.test(label),
    ),
  };
  return Object.entries(faults).flatMap(([fault, isSo]) => (isSo ? [`${name} ${fault}`] : []));
}
