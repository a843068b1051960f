import type { FieldChanges, TemplateEntry } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import { headerName, type HeaderName } from '../../core/header-names.ts';
import type { Headers } from '../../core/headers.ts';
import { requestTemplate, type RequestTemplate } from '../../core/request-template.ts';

/** What templates of a route can name. */
export interface RouteNames {
  /** Id of the route. */
  readonly route: string;
  /** Parameters of the path, in the order of their values. */
  readonly names: readonly string[];
}

/** The fields of a message with the changes; what was given stays as it is. */
export type ChangeFields = (exchange: Exchange, headers: Headers) => Headers;

/** Values from requests are cut at nothing: one that is longer is not set, so that heads keep their limits. */
const MOST_BYTES = 4096;

/** Compiles changes to fields; null if there are none. */
export function fieldChanges({ set, add, remove }: FieldChanges, facts: RouteNames): ChangeFields | null {
  if (set.length + add.length + remove.length === 0) return null;
  const setters = set.map((entry) => compiled(entry, facts));
  const adders = add.map((entry) => compiled(entry, facts));
  const removed = [...remove, ...setters.map(({ name }) => name.lower)];

  return (exchange, headers) => {
    const changed = headers.share();
    // First all values, then all changes: none sees what another did.
    const values = [...setters, ...adders].map(({ template }) => safe(template(exchange)));
    for (const name of removed) changed.delete(name);
    [...setters, ...adders].forEach(({ name }, i) => {
      const value = values[i] ?? null;
      if (value !== null) changed.appendNamed(name, value);
    });
    return changed;
  };
}

interface Entry {
  readonly name: HeaderName;
  readonly template: RequestTemplate;
}

function compiled([name, template]: TemplateEntry, facts: RouteNames): Entry {
  return { name: headerName(name), template: requestTemplate(template, facts) };
}

/** A value that can stand in a field (RFC 9110 §5.5): no line break, however it was spelled; other characters as UTF-8 bytes. */
function safe(value: string | null): string | null {
  if (value === null) return null;
  const bytes = isLatin1(value) ? value : Buffer.from(value).toString('latin1');
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  return bytes.length > MOST_BYTES || /[\0-\x08\x0a-\x1f\x7f]/.test(bytes) ? null : bytes.trim();
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return false;
  return true;
}
