import ajvFormats from 'ajv-formats';

// The only file that knows the library behind the formats.

/** How a value of a format is recognised; `true`: by nothing. */
export type Format =
  | true
  | { readonly type: 'string'; readonly validate: (text: string) => boolean }
  | { readonly type: 'number'; readonly validate: (value: number) => boolean };

/** No text of a format is longer. Some are looked for by expressions that take quadratic time. */
const MAX_LENGTH = 4096;

/** Formats of JSON Schema and of OpenAPI, by the library. */
const CHECKED = [
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'json-pointer',
  'json-pointer-uri-fragment',
  'regex',
  'relative-json-pointer',
  'time',
  'uri',
  'uri-reference',
  'uri-template',
  'uuid',
] as const;

/** Formats that only say what a value is for, or how large the type of a variable has to be. */
const UNCHECKED = ['password', 'binary', 'float', 'double', 'commonmark', 'html'];

/** Whole numbers of so many bits; of `int64` a double knows less than all digits. */
const INTEGERS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  int8: [-128, 127],
  int16: [-32_768, 32_767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
  uint8: [0, 255],
  uint16: [0, 65_535],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, 2 ** 64],
};

/** The formats that are known; a schema may name others, and then they mean nothing. */
export const FORMATS: Readonly<Record<string, Format>> = {
  ...Object.fromEntries(CHECKED.map((name) => [name, textFormat(matcherOf(name))])),
  ...Object.fromEntries(UNCHECKED.map((name) => [name, true as const])),
  ...Object.fromEntries(Object.entries(INTEGERS).map(([name, range]) => [name, integerFormat(range)])),
  byte: { type: 'string', validate: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 },
};

/** Takes a text and says whether it is of the format. */
type TextTest = (text: string) => boolean;

function textFormat(test: TextTest): Format {
  return { type: 'string', validate: (text) => text.length <= MAX_LENGTH && test(text) };
}

function integerFormat([min, max]: readonly [min: number, max: number]): Format {
  return {
    type: 'number',
    validate: (value) => Number.isInteger(value) && value >= min && value <= max,
  };
}

/** The library writes a format as an expression, a function, or either with a comparison beside it. */
function matcherOf(name: (typeof CHECKED)[number]): TextTest {
  const format: unknown = ajvFormats.default.get(name);
  const validate =
    typeof format === 'object' && format !== null && 'validate' in format ? format.validate : format;
  if (validate instanceof RegExp) return (text) => validate.test(text);
  if (typeof validate === 'function') return validate as TextTest;
  throw new Error(`The library has no format ${name}`);
}
