import { openMetricsText, prometheusText } from './text-exposition.ts';
import { prometheusProtobuf } from './protobuf-exposition.ts';
import type { ExemplarsOf, Family } from './series-book.ts';

/** A way to show the metrics. */
export interface ExpositionFormat {
  readonly contentType: string;
  readonly write: (families: readonly Family[], exemplars: () => ExemplarsOf) => string | Uint8Array;
}

/** What everybody can read, and who says nothing gets. */
export const PROMETHEUS_TEXT: ExpositionFormat = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  write: (families) => prometheusText(families),
};

const OPEN_METRICS: ExpositionFormat = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  write: (families, exemplars) => openMetricsText(families, exemplars()),
};

const PROTOBUF: ExpositionFormat = {
  contentType: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
  write: (families, exemplars) => prometheusProtobuf(families, exemplars()),
};

/**
 * The format that a client wants most (RFC 9110 §12.5.1), of several with the same weight the first: Prometheus names them in
 * its order. What we do not have is passed over, and who wants nothing that we have gets the text of Prometheus.
 */
export function expositionFormat(accept: string): ExpositionFormat {
  let best = PROMETHEUS_TEXT;
  let bestWeight = 0;
  for (const range of accept.toLowerCase().split(',', MOST_RANGES)) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const format = formatOf(type, parameters);
    const weight = weightOf(parameters);
    if (format === null || !(weight > bestWeight)) continue;
    best = format;
    bestWeight = weight;
  }
  return best;
}

function formatOf(type: string, parameters: readonly string[]): ExpositionFormat | null {
  const isOf = (name: string, values: readonly string[]): boolean => {
    const value = parameters.find((parameter) => parameter.startsWith(`${name}=`));
    return value === undefined || values.includes(value.slice(name.length + 1).replaceAll('"', ''));
  };
  switch (type) {
    case 'text/plain':
      return isOf('version', ['0.0.4']) ? PROMETHEUS_TEXT : null;
    case '*/*':
    case 'text/*':
      return PROMETHEUS_TEXT;
    case 'application/openmetrics-text':
      return isOf('version', ['1.0.0']) ? OPEN_METRICS : null;
    case 'application/vnd.google.protobuf': {
      const isOurs = isOf('proto', ['io.prometheus.client.metricfamily']) && isOf('encoding', ['delimited']);
      return isOurs ? PROTOBUF : null;
    }
    default:
      return null;
  }
}

function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return weight === undefined ? 1 : Number(weight.slice(2));
}

const MOST_RANGES = 32;
