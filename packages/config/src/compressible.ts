/** The content codings that we can do, best first. */
export const CODINGS = ['zstd', 'br', 'gzip'] as const;

/** Media types that become much smaller, and are not compressed already. */
export const WORTH_COMPRESSING: readonly string[] = [
  'text/*',
  'application/json',
  '+json',
  'application/xml',
  '+xml',
  'application/javascript',
  'application/yaml',
  'application/wasm',
  'application/x-ndjson',
  'application/vnd.ms-fontobject',
  'font/ttf',
  'font/otf',
  'image/bmp',
];
