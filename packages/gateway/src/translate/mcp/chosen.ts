/** Patterns in which `*` stands for any text. */
export interface Choice {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Whether a name is wanted: included, if anything is, and not excluded. */
export function chooses({ include, exclude }: Choice): (name: string) => boolean {
  return (name) => {
    const fits = (pattern: string): boolean => fitsPattern(name, pattern);
    return (include.length === 0 || include.some(fits)) && !exclude.some(fits);
  };
}

/** Whether a name fits a pattern, in which `*` stands for any text. Takes linear time. */
export function fitsPattern(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
