import { type Parsed, refused, understood } from './parsed.ts';

/** A scope (RFC 6749 §3.3). A space would make it two. */
export function parseScope(text: string): Parsed<string> {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)
    ? understood(text)
    : refused('is not one scope: it is empty, or has a space, a quote or a backslash');
}

/** The way to a claim from the top: `realm_access.roles`; `\.` is a dot of a name. */
export function claimPath(text: string): string[] {
  return Array.from(text.matchAll(/(?:^|\.)((?:\\.|[^.\\])*)/g), ([, name = '']) =>
    name.replaceAll(/\\(.)/g, '$1'),
  );
}

const TEMPLATE = /\{([^{}]*)\}/g;

/**
 * Text with templates of a request: `{header.NAME}`, `{path.NAME}`, `{query.NAME}`, `{method}`, `{host}`. Names of
 * headers become lower case.
 */
export function parseValueTemplate(text: string): Parsed<string> {
  if (/[{}]/.test(text.replaceAll(TEMPLATE, ''))) return refused('has a brace that opens or closes nothing');
  for (const [, inner = ''] of text.matchAll(TEMPLATE)) {
    if (!/^(method|host|(header|query)\.[^.\s][^\s]*|path\.\w+)$/.test(inner))
      return refused(
        'has a template that is none of {header.NAME}, {path.NAME}, {query.NAME}, {method} and {host}',
      );
  }
  return understood(text.replaceAll(/\{header\.[^{}]*\}/g, (header) => header.toLowerCase()));
}

/** The parameters of the path that a text uses. */
export function pathParametersOf(template: string): string[] {
  return Array.from(template.matchAll(/\{path\.(\w+)\}/g), ([, name = '']) => name);
}
