import { BOUNDS_BYTES, BOUNDS_SECONDS } from './histogram-layout.ts';
import { CATALOGUE, TEXT, type LabelKind, type MetricKind } from './catalogue.ts';

/** The page `docs/reference/metrics.md`, from the catalogue. The caller writes the file. */
export function metricsReference(): string {
  const rows = Object.entries<MetricKind>(CATALOGUE).map(([name, kind]) => row(name, kind));
  return `# Metrics

Generated from \`packages/gateway/src/observe/catalogue.ts\`; do not edit.

Turnpike shows these at \`/metrics\`: in the text format of Prometheus, in OpenMetrics 1.0, or as Protocol Buffers, as the client
wants. [The guide](../metrics.md) says what to look at. Numbers are sums over all data threads, unless
a metric has the label \`thread\`. The number of series is bounded: when the memory for them is used up, what is new is
counted under \`__overflow__\`. Requests that match no route have the route \`__none__\`.

Histograms of seconds have the buckets ${BOUNDS_SECONDS.join(', ')} and +Inf, those of bytes
${BOUNDS_BYTES.join(', ')} and +Inf. Besides, all have native buckets, which are 2^(1/8) (nine per cent) wide; Protocol Buffers and OTLP
bring them.

| Metric | Type | Labels | Meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}

function row(name: string, kind: MetricKind): string {
  const labels = Object.entries(kind.labels).map(([label, values]) => labelCell(label, values));
  if (kind.perThread === true) labels.push('`thread`');
  return `| \`${name}\` | ${kind.type} | ${labels.join(', ')} | ${kind.help} |`;
}

function labelCell(label: string, values: LabelKind): string {
  if (values === TEXT) return `\`${label}\``;
  if (values.length > MAX_LISTED) return `\`${label}\` (an error code)`;
  return `\`${label}\` (${values.map((value) => `\`${value}\``).join(', ')})`;
}

/** More values than this are the codes of the error reference. */
const MAX_LISTED = 17;
