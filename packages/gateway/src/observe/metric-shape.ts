import { CATALOGUE, TEXT, type MetricKind, type MetricName } from './catalogue.ts';
import { histogramLayout } from './histogram-layout.ts';

/** A metric as the shared memory and the exposition see it. */
export interface MetricShape {
  readonly name: MetricName;
  /** Number of the metric in shared memory: its place in the catalogue. */
  readonly index: number;
  readonly kind: MetricKind;
  /** Labels with free text; their values make the label text of a row. */
  readonly textLabels: readonly string[];
  /** The label with a closed list, or `''`; each of its values has its own slot in a row. */
  readonly choiceLabel: string;
  readonly choices: readonly string[];
  /** Numbers in a row: one per choice, or what a `HistogramLayout` says. */
  readonly width: number;
}

function shapeOf(name: MetricName, index: number): MetricShape {
  const kind: MetricKind = CATALOGUE[name];
  const textLabels: string[] = [];
  let choiceLabel = '';
  let choices: readonly string[] = [''];
  for (const [label, values] of Object.entries(kind.labels)) {
    if (values === TEXT) {
      textLabels.push(label);
    } else {
      choiceLabel = label;
      choices = values;
    }
  }
  const width = kind.type === 'histogram' ? histogramLayout(name).width : choices.length;
  return { name, index, kind, textLabels, choiceLabel, choices, width };
}

/** The catalogue in its order. */
export const SHAPES: readonly MetricShape[] = (Object.keys(CATALOGUE) as MetricName[]).map(shapeOf);

const BY_NAME: ReadonlyMap<string, MetricShape> = new Map(SHAPES.map((shape) => [shape.name, shape]));

/** Shape of a metric; throws on a name that is not in the catalogue, which the types exclude. */
export function shape(name: MetricName): MetricShape {
  const found = BY_NAME.get(name);
  if (found === undefined) throw new TypeError(`no such metric: ${name}`);
  return found;
}

/** The label value under which everything is counted that has no room of its own. */
export const OVERFLOW = '__overflow__';

/** `a="x",b="y"` as in the exposition format: values with backslash, quote and line feed escaped. */
export function labelText(labels: readonly string[], values: Readonly<Record<string, string>>): string {
  let text = '';
  for (const label of labels) {
    text += `${text === '' ? '' : ','}${label}="${escaped(values[label] ?? '')}"`;
  }
  return text;
}

function escaped(value: string): string {
  return value.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
