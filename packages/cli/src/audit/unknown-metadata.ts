import { nearest } from '@turnpike/config/load';
import type { Path } from '@turnpike/config/load';
import type { Advice, Auditor } from './audit.ts';

/** Where policies are written, and what the log shows of callers. */
const SECTIONS = ['routes', 'apis', 'defaults', 'telemetry'] as const;

/**
 * Metadata that policies ask for and no consumer has. What claims tokens have nobody can know, and with a database nobody knows
 * all consumers.
 */
export const unknownMetadata: Auditor = ({ consumers, stores }, { document }) => {
  if (stores.database !== null || consumers.length === 0) return [];
  const known = new Set(consumers.flatMap(({ metadata }) => Object.keys(metadata)));
  const written = SECTIONS.flatMap((section) => textsIn(sectionOf(document, section), [section]));
  return written.flatMap(([path, text]) =>
    namesIn(text)
      .filter((name) => !known.has(name))
      .map((name) => advice(path, name, known)),
  );
};

function advice(path: Path, name: string, known: ReadonlySet<string>): Advice {
  const close = nearest(name, known);
  const hint = close === undefined ? '' : `; did you mean ${close}?`;
  const message = `${path.join('.')}: no consumer has the metadata "${name}"${hint}`;
  return { code: 'NO_EFFECT', message, path };
}

/** As in `metadata:tier`, `identity.metadata.tier`, `identity.metadata["tier"]`. */
function namesIn(text: string): readonly string[] {
  const names = text.matchAll(/^metadata:(.+)$|\bidentity\.metadata(?:\.(\w+)|\[["']([^"']+)["']\])/g);
  return Array.from(names, ([, key, field, index]) => key ?? field ?? index ?? '');
}

function sectionOf(document: unknown, section: string): unknown {
  return isRecord(document) ? document[section] : undefined;
}

/** Every text, and where it stands. */
function textsIn(value: unknown, path: Path): readonly (readonly [Path, string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...path, index]));
  return isRecord(value)
    ? Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...path, key]))
    : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
