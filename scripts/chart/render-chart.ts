import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { addTemplates, isTrue, renderTemplate, type Templates } from './template.ts';

/** Values as in `values.yaml`, or a part of them. */
export type Values = Readonly<Record<string, unknown>>;

/** What is released, under which name. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  /** Go before those of `values.yaml`. */
  readonly values: Values;
  /** Who takes care of the objects. */
  readonly service: string;
}

/** What Helm would make of a chart that uses no more than this knows, by the file of the template. */
export function renderChart(directory: string, release: Release): ReadonlyMap<string, string> {
  const chart = yamlFile(join(directory, 'Chart.yaml'));
  const dot = {
    Values: merged(yamlFile(join(directory, 'values.yaml')), release.values),
    Release: { Name: release.name, Namespace: release.namespace, Service: release.service },
    Chart: { Name: chart['name'], Version: chart['version'], AppVersion: chart['appVersion'] },
  };
  const templates: Templates = new Map();
  const files = globSync('templates/*', { cwd: directory }).toSorted();
  for (const file of files) addTemplates(templates, file, readFileSync(join(directory, file), 'utf8'));
  const call = (name: string, args: readonly unknown[]): unknown => {
    if (name === 'include') return renderTemplate(templates, String(args[0]), args[1], call);
    const known = FUNCTIONS[name];
    if (known === undefined) throw new Error(`the function ${name} is not known here`);
    return known(...args);
  };
  const shown = files.filter((file) => !basename(file).startsWith('_'));
  return new Map(shown.map((file) => [basename(file), renderTemplate(templates, file, dot, call)]));
}

/** The objects of all manifests; an error if one of them is no YAML. */
export function objectsOf(rendered: ReadonlyMap<string, string>): readonly unknown[] {
  const manifests = [...rendered].filter(([file]) => file.endsWith('.yaml'));
  return manifests.flatMap(([file, text]) =>
    parseAllDocuments(text).flatMap((document) => {
      if (document.errors[0] !== undefined) throw new Error(file, { cause: document.errors[0] });
      const value: unknown = document.toJS();
      return value === null ? [] : [value];
    }),
  );
}

/** As in Helm: mappings are merged, everything else is replaced. */
function merged(below: Values, above: Values): Values {
  const entries = Object.entries(above).map(([key, value]): [string, unknown] => {
    const old = below[key];
    return [key, isMapping(old) && isMapping(value) ? merged(old, value) : value];
  });
  return { ...below, ...Object.fromEntries(entries) };
}

function isMapping(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function yamlFile(file: string): Values {
  return parse(readFileSync(file, 'utf8')) as Values;
}

/** Empty lines too, as Sprig does. */
function indented(width: unknown, text: unknown): string {
  return String(text).replaceAll(/^/gm, ' '.repeat(Number(width)));
}

/** The functions of Go templates and of Sprig that the chart uses. There is no cluster here, so `lookup` finds nothing. */
const FUNCTIONS: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
  add: (...numbers) => numbers.reduce<number>((sum, one) => sum + Number(one), 0),
  b64enc: (text) => Buffer.from(String(text)).toString('base64'),
  contains: (part, text) => String(text).includes(String(part)),
  default: (fallback, value) => (isTrue(value) ? value : fallback),
  dict: () => ({}),
  index: (of, key) => (of as Record<string, unknown>)[String(key)],
  lookup: () => ({}),
  nindent: (width, text) => `\n${indented(width, text)}`,
  not: (value) => !isTrue(value),
  printf: (format, ...values) => {
    const rest = [...values];
    return String(format).replaceAll('%s', () => String(rest.shift()));
  },
  quote: (text) => JSON.stringify(String(text)),
  randAlphaNum: (length) => 'x'.repeat(Number(length)),
  toYaml: (value) => stringify(value, { indentSeq: false, lineWidth: 0, sortMapEntries: true }).trimEnd(),
  trim: (text) => String(text).trim(),
  trimSuffix: (suffix, text) => {
    const [end, whole] = [String(suffix), String(text)];
    return whole.endsWith(end) ? whole.slice(0, whole.length - end.length) : whole;
  },
  trunc: (length, text) => String(text).slice(0, Number(length)),
};
