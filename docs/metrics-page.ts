import { metricCatalogue } from '../daemon/metrics/catalogue.ts';

/** docs/reference/metrics.md: every metric with its type and labels. */
export function metricsPage(): string {
  const parts = Map.groupBy(metricCatalogue, ({ part }) => part);
  const sections = [...parts].map(([part, metrics]) => {
    const rows = metrics.map(
      ({ name, type, labels, meaning }) =>
        `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${meaning} |`,
    );
    return `## ${part}\n\n| Metric | Type | Labels | Meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `# Metrics

<!-- Written by docs/generate.ts: change daemon/metrics/catalogue.ts and run npm run docs. -->

\`GET /metrics\` at the admin address, in Prometheus' text format. Values are of the whole node: sums over
its processes. Label values come from objects, never from the network, so that a client cannot make
series; those of an object that is gone are forgotten. Where Portolan does the work of kube-proxy, CoreDNS
or ingress-nginx, the metric has the name that their dashboards know. Alert rules and a Grafana dashboard
are in [deploy/](../../deploy).

${sections.join('\n')}`;
}
