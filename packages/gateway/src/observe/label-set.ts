/** Labels of a series: as they stand in memory and in text, and apart where somebody needs that. */
export class LabelSet {
  /** `a="x",b="y"`, with backslash, quote and line feed escaped. */
  readonly text: string;
  #pairs: readonly (readonly [string, string])[] | null = null;

  constructor(text: string) {
    this.text = text;
  }

  get pairs(): readonly (readonly [name: string, value: string])[] {
    return (this.#pairs ??= pairsIn(this.text));
  }
}

function pairsIn(text: string): [string, string][] {
  return Array.from(text.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g), ([, name = '', value = '']) => [
    name,
    value.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character)),
  ]);
}

/** Labels and one more. */
export function joined(labels: string, more: string): string {
  return labels === '' ? more : `${labels},${more}`;
}
