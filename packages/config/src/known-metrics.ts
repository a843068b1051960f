import { METRIC_LIST } from './metric-list.ts';

/** What a metric is, as far as a configuration has to know. */
export interface KnownMetric {
  readonly type: string;
  /** Its labels; null: any value. */
  readonly labels: ReadonlyMap<string, readonly string[] | null>;
}

/** Every metric of the gateway by its name. The list is made from the catalogue of the gateway, which this package may not import. */
export const KNOWN_METRICS: ReadonlyMap<string, KnownMetric> = new Map(
  METRIC_LIST.trim()
    .split('\n')
    .map((line) => {
      const [name = '', type = '', ...labels] = line.split(' ');
      return [name, { type, labels: new Map(labels.map(labelOf)) }];
    }),
);

function labelOf(text: string): [string, readonly string[] | null] {
  const [name = '', values] = text.split('=');
  return [name, values === undefined ? null : values.split('|')];
}
