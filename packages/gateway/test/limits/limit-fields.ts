// Reads the fields that are about limits, as strictly as RFC 9651 §4.2 has it: as far as those fields need it.

/** One item of a list: a text, and parameters that are whole numbers. */
export interface ListItem {
  readonly text: string;
  readonly parameters: Readonly<Record<string, number>>;
}

/** A List of Strings with Integer parameters (RFC 9651 §3.1). Throws for whatever else. */
export function listOf(field: string | undefined): ListItem[] {
  if (field === undefined) throw new Error('there is no such field');
  const items: ListItem[] = [];
  let rest = field.trim();
  for (;;) {
    const [quoted, text = ''] = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/.exec(rest) ?? fail(rest);
    rest = rest.slice(quoted.length);
    const parameters: Record<string, number> = {};
    while (rest.startsWith(';')) {
      const [all, key = '', value] =
        /^; *([a-z*][a-z0-9_.*-]*)=(-?\d{1,15})(?![\d.])/.exec(rest) ?? fail(rest);
      if (key in parameters) fail(rest);
      parameters[key] = Number(value);
      rest = rest.slice(all.length);
    }
    items.push({ text: text.replaceAll(/\\(.)/g, '$1'), parameters });
    if (rest === '') return items;
    const [comma] = /^[ \t]*,[ \t]*(?=.)/.exec(rest) ?? fail(rest);
    rest = rest.slice(comma.length);
  }
}

function fail(rest: string): never {
  throw new Error(`not a list of strings: ${rest}`);
}
