const { rawJSON, isRawJSON } = JSON as unknown as RawJson;
const MAX_DEPTH = 100;

/** What Node.js has of JSON, beside what its types know. */
interface RawJson {
  readonly rawJSON: (text: string) => unknown;
  readonly isRawJSON: (value: unknown) => value is { readonly rawJSON: string };
}

/** What becomes of a number, by how it was written. */
export type NumberReader = (source: string) => unknown;

/** Numbers that a double cannot hold go on as they were written, when the value is written again. */
export const exactNumber: NumberReader = (source) => {
  const value = Number(source);
  return source.length < 16 && Number.isFinite(value) ? value : rawJSON(source);
};

/** For formats that have only text. */
export const numberText: NumberReader = (source) => source;

/** A number is a number, however it was written. */
export function plainNumber(value: unknown): unknown {
  return isRawJSON(value) ? Number(value.rawJSON) : value;
}

/** Parses JSON (RFC 8259). Undefined: it is none, or is nested more deeply than 100 values. */
export function parseExactly(text: string, number: NumberReader = exactNumber): unknown {
  try {
    const value: unknown = JSON.parse(text, (_, member: unknown, { source }: { source?: string } = {}) =>
      typeof member === 'number' && source !== undefined ? number(source) : member,
    );
    return isDeeper(value, MAX_DEPTH) ? undefined : value;
  } catch {
    // What breaks in here is the text: its syntax, or the stack on its nesting.
    return undefined;
  }
}

/** Whether a value is an object of JSON. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Goes no deeper than `depth` itself. */
function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isDeeper(member, depth - 1));
}
