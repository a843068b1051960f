/** A value that JSON and `postMessage` take as it is. */
export type PlainValue = string | number | boolean | null | PlainValue[] | { [name: string]: PlainValue };

/**
 * Log fields as plain data, with every text passed through `redact`.
 *
 * Logging must never fail: cycles end at a depth, long lists are cut, and what cannot be read says so. Names that the
 * log line itself has get an underscore.
 */
export function plainFields(fields: object, redact: (text: string) => string): Record<string, PlainValue> {
  const plain: Record<string, PlainValue> = Object.create(null);
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    plain[RESERVED.has(name) ? `${name}_` : name] = attempt(() => plainValue(value, redact, 0));
  }
  return plain;
}

function plainValue(value: unknown, redact: (text: string) => string, depth: number): PlainValue {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (depth === MAX_DEPTH) return '[deeper]';
  if (Array.isArray(value))
    return value.slice(0, MAX_ITEMS).map((item) => plainValue(item, redact, depth + 1));
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Date || value instanceof URL) return plainValue(value.toJSON(), redact, depth);

  const plain: Record<string, PlainValue> = Object.create(null);
  for (const [name, item] of value instanceof Error ? errorEntries(value) : entriesOf(value)) {
    if (item !== undefined) plain[name] = plainValue(item, redact, depth + 1);
  }
  return plain;
}

function errorEntries(error: Error): [string, unknown][] {
  const own = entriesOf(error).filter(([name]) => name !== 'name');
  return [
    ['type', error.name],
    ['message', error.message],
    ...own,
    ['stack', error.stack],
    ['cause', error.cause],
  ];
}

function entriesOf(value: object): [string, unknown][] {
  return Object.entries(value).slice(0, MAX_ITEMS);
}

/** Getters and proxies may throw. */
function attempt(read: () => PlainValue): PlainValue {
  try {
    return read();
  } catch (error) {
    return `[unreadable: ${error instanceof Error ? error.message : 'not an error'}]`;
  }
}

const RESERVED: ReadonlySet<string> = new Set(['level', 'time', 'message']);
const MAX_DEPTH = 5;
const MAX_ITEMS = 100;
