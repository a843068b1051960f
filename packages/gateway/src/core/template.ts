/** A text with values put in: `/v1/users/{id}`. */
export type Template = (values: readonly string[]) => string;

/**
 * Compiles a template; `names` are the parameters that it may use, in the order in which their values will come. The
 * configuration was checked, so a name that is unknown here is a mistake of ours and throws.
 */
export function compileTemplate(text: string, names: readonly string[]): Template {
  const parts = text.split(/\{([^{}]+)\}/);
  const sources = parts.map((part, i) => (i % 2 === 0 ? part : indexOf(part, names)));
  return (values) => {
    let result = '';
    for (const source of sources) result += typeof source === 'string' ? source : (values[source] ?? '');
    return result;
  };
}

function indexOf(name: string, names: readonly string[]): number {
  const index = names.indexOf(name);
  if (index === -1) throw new Error(`Unknown parameter {${name}}; there are: ${names.join(', ')}`);
  return index;
}
