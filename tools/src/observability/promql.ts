import { parser } from '@prometheus-io/lezer-promql';

/** Where an expression of PromQL is none; undefined when it is one. */
export function faultOf(expression: string): string | undefined {
  let fault: string | undefined;
  parser.parse(expression).iterate({
    enter({ type, from }) {
      if (type.isError) fault ??= `${expression.slice(0, from)}<HERE>${expression.slice(from)}`;
    },
  });
  return expression.trim() === '' ? 'empty' : fault;
}

/** The series that an expression asks for: name, and the labels it names in their selectors. */
export function selectorsOf(expression: string): { name: string; labels: string[] }[] {
  const selectors: { name: string; labels: string[] }[] = [];
  parser.parse(expression).iterate({
    enter({ name, node }) {
      if (name !== 'VectorSelector') return;
      const text = (from: number, to: number) => expression.slice(from, to);
      const metric = node.getChild('Identifier');
      const labels = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      selectors.push({
        name: metric ? text(metric.from, metric.to) : '',
        labels: labels
          .map((matcher) => matcher.getChild('LabelName'))
          .flatMap((label) => (label ? [text(label.from, label.to)] : [])),
      });
    },
  });
  return selectors;
}
