/** How values are written (OpenAPI 3.2 §4.12.2.2, RFC 6570). */
export type Style =
  | 'simple'
  | 'label'
  | 'matrix'
  | 'form'
  | 'spaceDelimited'
  | 'pipeDelimited'
  | 'deepObject'
  | 'cookie';

/** Where parameters are. */
export type ParameterLocation = 'path' | 'query' | 'header' | 'cookie';

const STYLES: Readonly<Record<ParameterLocation, readonly [byDefault: Style, ...others: Style[]]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form', 'cookie'],
};

/** The style of a parameter: the one that it says, if its place has it. */
export function styleOf(written: string, location: ParameterLocation): Style {
  const [byDefault, ...others] = STYLES[location];
  return others.find((style) => style === written) ?? byDefault;
}
