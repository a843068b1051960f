import { Headers } from '../core/headers.ts';

/** A field of a message, spelled as it was written. */
export type Field = readonly [name: string, value: string];

/** As the gateway has them. */
export function headersFrom(fields: readonly Field[]): Headers {
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  return headers;
}

/** In their order. */
export function fieldsFrom({ names, values }: Headers): Field[] {
  return names.map(({ spelling }, at) => [spelling, values[at] ?? '']);
}

/** Of lines that end with CRLF. */
export function fieldsOfLines(lines: string): Field[] {
  return lines
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
}
