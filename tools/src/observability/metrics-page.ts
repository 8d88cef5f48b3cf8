type Metric = { name: string; type: string; help: string; labelNames: string[]; apps: string[] };

const introduction = `# Metrics

Each app answers \`GET /metrics\` on its probes port (9080 ingress, 9081 router, 9082 outbound) in Prometheus' text format.
This page is made from what the apps declare, and a test holds it to that; to make it anew:
\`cd tools && npx vitest run src/observability/metrics-page.test.ts --config ../vitest.shared.ts --root . -u\`.

The only ids in labels are those of connections, which \`bridge.yaml\` bounds; \`unknown\` stands for all others. A connection
or partition that went elsewhere leaves no gauge behind. What is worth an alert: [the rules](../observability/README.md).

| asked                            | look at                                                                                                          |
| -------------------------------- | ---------------------------------------------------------------------------------------------------------------- |
| why webhooks are not accepted    | \`bridge_webhooks_total\` by \`outcome\`: the word that the answer has, too ([ingress](ingress.md))          |
| handshakes and what became of them | recorded: \`connection_outcome:bridge_handshakes:rate5m\`; else the outcomes \`handshake\`, \`bad-token\`, \`bad-challenge\`, \`handshake-throttled\` |
| signatures that do not fit, and why | recorded: \`connection_reason:bridge_signature_failures:rate5m\`, in every mode                              |
| transactions that were aborted   | \`bridge_router_transactions_total{outcome!="committed"}\`                                                     |
| how full a window is             | \`bridge_outbound_unfinished_commands / 5000\`, \`bridge_outbound_unfinished_bytes / (16 * 1024 * 1024)\`    |
| what is late                     | \`bridge_inbound_end_to_end_seconds\`, \`bridge_outbound_end_to_end_seconds\`                                |
`;

const ownTitles = [
  [
    'ingress',
    'Ingress',
    'With `INGRESS_SPOOL_DIR` only: those whose name has `spool`, and `bridge_dead_letters_total`.',
  ],
  ['router', 'Router', ''],
  ['outbound', 'Outbound', ''],
] as const;

/** docs/metrics.md, not formatted. */
export function metricsPage(metrics: Metric[]): string {
  const own = metrics.filter(({ name }) => name.startsWith('bridge_'));
  const sections = ownTitles.map(([app, title, note]) => {
    return section(
      title,
      own.filter(({ apps }) => apps.length === 1 && apps[0] === app),
      note,
    );
  });
  const shared = section(
    'Several apps',
    own.filter(({ apps }) => apps.length > 1),
    '',
    true,
  );
  const runtime = section(
    'Process and runtime',
    metrics.filter(({ name }) => !name.startsWith('bridge_')),
    'As prom-client names them, of every app. `process_open_fds` and some others are there on Linux only.',
  );
  return [introduction, ...sections, shared, runtime].join('\n');
}

function section(title: string, metrics: Metric[], note: string, withApps = false): string {
  const head = ['metric', 'type', 'labels', ...(withApps ? ['apps'] : []), 'what it tells'];
  const rows = metrics.map(({ name, type, labelNames, help, apps }) => {
    const labels = labelNames.map((label) => `\`${label}\``).join(', ');
    return [`\`${name}\``, type, labels, ...(withApps ? [apps.join(', ')] : []), help.replaceAll('|', '\\|')];
  });
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `## ${title}\n\n${note === '' ? '' : `${note}\n\n`}${lines.join('\n')}\n`;
}
