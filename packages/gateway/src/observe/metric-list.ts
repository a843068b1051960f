import { CATALOGUE, TEXT, type LabelKind, type MetricKind } from './catalogue.ts';

/** The module `packages/config/src/metric-list.ts`, from the catalogue. The caller writes the file. */
export function metricList(): string {
  const lines = Object.entries<MetricKind>(CATALOGUE).map(([name, kind]) => {
    const labels = Object.entries(kind.labels).map(([label, values]) => labelText(label, values));
    return [name, kind.type, ...labels, ...(kind.perThread === true ? ['thread'] : [])].join(' ');
  });
  return `/** Metrics, their types and labels. Generated from the catalogue of the gateway by \`npm run docs\`; do not edit. */
export const METRIC_LIST = \`
${lines.join('\n')}
\`;
`;
}

function labelText(label: string, values: LabelKind): string {
  return values === TEXT ? label : `${label}=${values.join('|')}`;
}
