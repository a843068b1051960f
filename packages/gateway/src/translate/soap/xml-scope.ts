/** The namespace of `xsi:nil` and `xsi:type`. */
export const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

/** The namespaces that an element declares, and those around it. */
export interface XmlScope {
  /** By prefix; `''` is the default. */
  readonly own: ReadonlyMap<string, string>;
  readonly around: XmlScope | null;
}

/** What every document begins with (Namespaces in XML §3). */
export const OUTERMOST: XmlScope = {
  own: new Map([
    ['', ''],
    ['xml', 'http://www.w3.org/XML/1998/namespace'],
  ]),
  around: null,
};

/** The scope of an element by its attributes as they are written. Copies nothing: documents choose how much is declared. */
export function scopeOf(around: XmlScope, attributes: ReadonlyMap<string, string>): XmlScope {
  const own = new Map<string, string>();
  for (const [name, value] of attributes) {
    if (name === 'xmlns') own.set('', value);
    else if (name.startsWith('xmlns:')) own.set(name.slice(6), value);
  }
  return own.size === 0 ? around : { own, around };
}

/** The namespace that a prefix stands for; undefined: it is not declared. */
export function namespaceOf(scope: XmlScope, prefix: string): string | undefined {
  for (let at: XmlScope | null = scope; at !== null; at = at.around) {
    const namespace = at.own.get(prefix);
    if (namespace !== undefined) return namespace;
  }
  return undefined;
}
