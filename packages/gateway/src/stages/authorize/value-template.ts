import type { Exchange } from '../../core/exchange.ts';

/** What a template comes to for a request; null where a part of it is absent, empty, or there more than once. */
export type ValueTemplate = (exchange: Exchange) => string | null;

const PLACEHOLDER = /\{([^{}]+)\}/;

/** Whether a text depends on the request. */
export function isTemplate(text: string): boolean {
  return PLACEHOLDER.test(text);
}

/**
 * Compiles a text with `{header.NAME}`, `{query.NAME}`, `{path.NAME}`, `{method}` and `{host}` in it; `names` are the
 * parameters of the path in the order of their values. Values of the query and of the path are percent-decoded.
 *
 * It decides who may do something, so doubt is no value: of two header fields, or two parameters of the query, the service
 * may well take the other one. The configuration was checked; a placeholder that is unknown is a mistake of ours and throws.
 */
export function valueTemplate(text: string, names: readonly string[]): ValueTemplate {
  const parts = text.split(PLACEHOLDER).map((part, i) => (i % 2 === 0 ? part : placeholder(part, names)));
  return (exchange) => {
    let result = '';
    for (const part of parts) {
      const value = typeof part === 'string' ? part : part(exchange);
      if (value === null) return null;
      result += value;
    }
    return result;
  };
}

function placeholder(text: string, names: readonly string[]): ValueTemplate {
  const [, source = text, name = ''] = /^(\w+)\.(.+)$/.exec(text) ?? [];
  switch (source) {
    case 'method':
      return ({ method }) => method;
    case 'host':
      return ({ host }) => orNull(host);
    case 'header':
      return ({ headers }) => onlyValue(headers, name.toLowerCase());
    case 'query':
      return ({ query }) => onlyParameter(query, name);
    case 'path':
      return pathParameter(name, names);
    default:
      throw new Error(`Unknown placeholder {${text}}`);
  }
}

function pathParameter(name: string, names: readonly string[]): ValueTemplate {
  const index = names.indexOf(name);
  if (index === -1) throw new Error(`Unknown parameter {path.${name}}; there are: ${names.join(', ')}`);
  return ({ params }) => {
    try {
      return orNull(decodeURIComponent(params[index] ?? ''));
    } catch {
      // Escapes that are not UTF-8 stand for no text.
      return null;
    }
  };
}

function onlyValue({ names, values }: Exchange['headers'], lower: string): string | null {
  const at = names.findIndex((name) => name.lower === lower);
  if (at === -1 || names.findLastIndex((name) => name.lower === lower) !== at) return null;
  return orNull(values[at] ?? '');
}

function onlyParameter(query: string, name: string): string | null {
  const [value = '', ...others] = new URLSearchParams(query).getAll(name);
  return others.length === 0 ? orNull(value) : null;
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
