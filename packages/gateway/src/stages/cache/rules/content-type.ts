/** What the type of a path with an extension begins with. Paths with other extensions promise nothing. */
const PROMISES = new Map<string, readonly string[]>(
  Object.entries({
    css: ['text/css'],
    'js mjs cjs': [
      'text/javascript',
      'application/javascript',
      'application/x-javascript',
      'text/ecmascript',
      'application/ecmascript',
    ],
    'avif bmp cur gif heic ico jpe jpeg jpg jxl png svg tif tiff webp': ['image/'],
    'eot otf ttc ttf woff woff2': [
      'font/',
      'application/font-',
      'application/x-font-',
      'application/vnd.ms-fontobject',
    ],
    'aac flac m4a mid mp3 oga opus wav weba': ['audio/'],
    'avi m4v mkv mov mp4 mpeg mpg ogv webm': ['video/', 'audio/'],
    pdf: ['application/pdf'],
    swf: ['application/x-shockwave-flash', 'application/vnd.adobe.flash'],
    wasm: ['application/wasm'],
  }).flatMap(([extensions, types]) => extensions.split(' ').map((extension) => [extension, types] as const)),
);

/**
 * Whether a path promises a picture, style, script or the like, and something else came. Who lures a user to `/account/x.css`, which a service
 * answers with the account, would find it in the cache (web cache deception; Mirheidari et al. 2020).
 */
export function isDeceptive(path: string, contentType: string | undefined): boolean {
  const promised = PROMISES.get(extensionOf(path));
  if (promised === undefined) return false;
  const type = (contentType ?? '').trim().toLowerCase();
  return !promised.some((start) => type.startsWith(start));
}

/** Behind the last dot of the last segment, in lower case, or `''`. */
function extensionOf(path: string): string {
  const segment = path.slice(path.lastIndexOf('/') + 1);
  const dot = segment.lastIndexOf('.');
  return dot === -1 ? '' : segment.slice(dot + 1).toLowerCase();
}
