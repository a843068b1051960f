import type { Exchange } from '../../core/exchange.ts';
import { isRecord, recordAt, type JsonRecord } from '../../core/mcp/message.ts';

/** A number that is written as it came (ECMAScript 2026, JSON.parse source text access). */
interface RawJson {
  readonly rawJSON: string;
}

const { rawJSON, isRawJSON } = JSON as unknown as {
  readonly rawJSON: (text: string) => RawJson;
  readonly isRawJSON: (value: unknown) => value is RawJson;
};

/** Reads a JSON text so that `JSON.stringify` writes its numbers as they were written; they are no numbers meanwhile. */
export function parseAsWritten(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
    return rawJSON(source);
  });
}

/** Whether there may be a number in a text that a double does not hold. */
const UNSURE = /\d[\d.]{15}|\d[eE]/;

/**
 * The arguments of a call, in which numbers that a double does not hold are as they were written: rounded, the number of an account is
 * that of another.
 */
export function exactArguments({ body }: Exchange, args: JsonRecord): JsonRecord {
  if (typeof body !== 'string' || !UNSURE.test(body)) return args;
  const message = parseAsWritten(Buffer.from(body, 'latin1').toString());
  return isRecord(message) ? recordAt(recordAt(message, 'params'), 'arguments') : args;
}

/** The text of a number that was kept as it was written; null: it is something else. Whole numbers are without exponent and fraction. */
export function writtenNumber(value: unknown): string | null {
  if (!isRawJSON(value)) return null;
  const number = Number(value.rawJSON);
  return Number.isSafeInteger(number) ? String(number) : value.rawJSON;
}
