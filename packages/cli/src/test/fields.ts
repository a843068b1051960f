import type { TestFile } from '@turnpike/config/cases';
import type { Field } from '@turnpike/gateway/offline';

/** Fields as a file of tests has them: by name, with one or several values. */
export type WrittenFields = TestFile['request']['headers'];

/** As lines of a message. */
export function fieldsOf(written: WrittenFields): Field[] {
  return Array.from(written, ([name, value]) =>
    Array.isArray(value)
      ? value.map((line: string): Field => [name, line])
      : [[name, String(value)] satisfies Field],
  ).flat();
}

/** All values of a field, by its name in whatever case. */
export function valuesOf(fields: readonly Field[], name: string): string[] {
  const lower = name.toLowerCase();
  return fields.filter(([spelling]) => spelling.toLowerCase() === lower).map(([, value]) => value);
}
