import type { Exemplar } from './exemplar-table.ts';
import { BOUNDS_BYTES, BOUNDS_SECONDS, histogramLayout } from './histogram-layout.ts';
import { joined } from './label-set.ts';
import type { MetricShape } from './metric-shape.ts';
import type { Series } from './series.ts';
import type { ExemplarsOf, Family } from './series-book.ts';

/** In what the text format of Prometheus and that of OpenMetrics differ. */
interface Dialect {
  readonly head: (metric: MetricShape) => string;
  /** Upper bounds as they stand in `le`. */
  readonly bounds: (metric: MetricShape) => readonly string[];
  /** What stands after a bucket. */
  readonly exemplar: (found: Exemplar | undefined) => string;
  readonly end: string;
}

/** The text format of Prometheus, version 0.0.4. The buckets and the count of a histogram always agree. */
export function prometheusText(families: readonly Family[]): Buffer {
  return textOf(families, PROMETHEUS, NO_EXEMPLARS);
}

/** OpenMetrics 1.0, with exemplars. */
export function openMetricsText(families: readonly Family[], exemplars: ExemplarsOf): Buffer {
  return textOf(families, OPEN_METRICS, exemplars);
}

function textOf(families: readonly Family[], dialect: Dialect, exemplars: ExemplarsOf): Buffer {
  const bytes = new TextBytes();
  for (const { metric, series } of families) {
    const isHistogram = metric.kind.type === 'histogram';
    const numbers = new Float64Array(isHistogram ? histogramLayout(metric.name).sum + 1 : metric.width);
    const names = isHistogram ? [] : metric.choices.map((choice) => choiceText(metric, choice));
    const bounds = isHistogram ? dialect.bounds(metric) : [];
    bytes.add(dialect.head(metric));
    for (const one of series) {
      one.read(numbers);
      bytes.add(
        isHistogram
          ? histogramText({ metric, series: one, bounds, dialect, found: exemplars.get(one) }, numbers)
          : numbersText(metric, one, { names, numbers }),
      );
    }
  }
  bytes.add(dialect.end);
  return bytes.all;
}

/**
 * Text that becomes bytes as it grows: its pieces, a million for ten thousand routes, die young, where a garbage collection does
 * not copy them.
 */
class TextBytes {
  readonly #chunks: Buffer[] = [];
  #text = '';

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= CHUNK_LENGTH) this.#flush();
  }

  get all(): Buffer {
    this.#flush();
    return Buffer.concat(this.#chunks);
  }

  #flush(): void {
    this.#chunks.push(Buffer.from(this.#text));
    this.#text = '';
  }
}

const CHUNK_LENGTH = 64 * 1024;

function numbersText(
  { name, kind }: MetricShape,
  { labels }: Series,
  { names, numbers }: { readonly names: readonly string[]; readonly numbers: Float64Array },
): string {
  let text = '';
  for (let i = 0; i < names.length; i++) {
    const number = numbers[i] ?? 0;
    if (number === 0 && kind.sparse === true) continue;
    const choice = names[i] ?? '';
    const all = choice === '' ? labels.text : joined(labels.text, choice);
    text += name + (all === '' ? ' ' : `{${all}} `) + numberText(number) + '\n';
  }
  return text;
}

function choiceText({ choiceLabel }: MetricShape, choice: string): string {
  return choiceLabel === '' ? '' : `${choiceLabel}="${choice}"`;
}

/** What the text of a histogram is made of. */
interface HistogramParts {
  readonly metric: MetricShape;
  readonly series: Series;
  readonly bounds: readonly string[];
  readonly dialect: Dialect;
  readonly found: ReadonlyMap<number, Exemplar> | undefined;
}

function histogramText(
  { metric, series, bounds, dialect, found }: HistogramParts,
  numbers: Float64Array,
): string {
  const labels = series.labels.text;
  const bucket = `${metric.name}_bucket{${labels}${labels === '' ? '' : ','}le="`;
  let text = '';
  let count = 0;
  for (let i = 0; i < bounds.length; i++) {
    count += numbers[i] ?? 0;
    text += bucket + bounds[i] + '"} ' + count;
    text += found === undefined ? '\n' : dialect.exemplar(found.get(i)) + '\n';
  }
  const own = labels === '' ? '' : `{${labels}}`;
  const sum = numberText(numbers[bounds.length] ?? 0);
  return `${text}${metric.name}_sum${own} ${sum}\n${metric.name}_count${own} ${count}\n`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function exemplarText(found: Exemplar | undefined): string {
  if (found === undefined) return '';
  const { value, trace } = found;
  const at = (trace.epochMs / 1000).toFixed(3);
  return ` # {trace_id="${trace.traceId}",span_id="${trace.spanId}"} ${value} ${at}`;
}

/** OpenMetrics wants `1.0` where Prometheus writes `1`. */
function canonical(bound: string): string {
  return /^\d+$/.test(bound) ? `${bound}.0` : bound;
}

function boundsOf(name: string): readonly string[] {
  return name.endsWith('_bytes') ? BYTES : SECONDS;
}

/** OpenMetrics knows a counter by its name without the ending, and wants to hear the unit if the name ends in it. */
function openMetricsHead({ name, kind }: MetricShape): string {
  const family = name.replace(/_total$/, '');
  const unit = /_(seconds|bytes)$/.exec(family)?.[1];
  const unitLine = unit === undefined ? '' : `# UNIT ${family} ${unit}\n`;
  return `# TYPE ${family} ${kind.type}\n${unitLine}# HELP ${family} ${kind.help}\n`;
}

const NO_EXEMPLARS: ExemplarsOf = new Map();
const SECONDS = [...BOUNDS_SECONDS.map(String), '+Inf'];
const BYTES = [...BOUNDS_BYTES.map(String), '+Inf'];

const PROMETHEUS: Dialect = {
  head: ({ name, kind }) => `# HELP ${name} ${kind.help}\n# TYPE ${name} ${kind.type}\n`,
  bounds: ({ name }) => boundsOf(name),
  exemplar: () => '',
  end: '',
};

const OPEN_METRICS: Dialect = {
  head: openMetricsHead,
  bounds: ({ name }) => boundsOf(name).map(canonical),
  exemplar: exemplarText,
  end: '# EOF\n',
};
