import { parseAddress, parseAddressBlock } from './address.ts';
import { DURATION_PATTERN, parseDuration } from './duration.ts';
import { ENDPOINT_URL_PATTERN, parseEndpointUrl } from './endpoint-url.ts';
import { parseFieldValue, parseMediaType, parseMethod } from './field.ts';
import { parseHostPattern } from './host-pattern.ts';
import type { Parsed } from './parsed.ts';
import {
  parseLocationTemplate,
  parsePathPattern,
  parsePathPrefix,
  parsePathTemplate,
} from './path-pattern.ts';
import { PERCENT_PATTERN, parsePercent } from './percent.ts';
import { SIZE_PATTERN, parseSize } from './size.ts';
import { parseValueMatch } from './value-match.ts';

/** One of our notations: how to read it, how to ask for it, and a pattern for editors. */
interface Format<T> {
  readonly parse: (text: string) => Parsed<T>;
  readonly expected: string;
  readonly pattern?: string;
  /** Stands for a text that was refused, so that the other checks can go on. */
  readonly blank: string;
}

/** Every notation of the configuration language. A new one is one entry here. */
export const FORMATS = {
  duration: format(parseDuration, 'a duration such as 250ms, 5s, 1m or 2h', '1s', DURATION_PATTERN),
  size: format(parseSize, 'a size such as 512B, 64KiB or 1MiB', '1KiB', SIZE_PATTERN),
  percent: format(parsePercent, 'a percentage such as 20%', '0%', PERCENT_PATTERN),
  address: format(parseAddress, 'an address such as 0.0.0.0:8080, :8080 or [::1]:8080', ':0', ':[0-9]{1,5}$'),
  addressBlock: format(parseAddressBlock, 'an address or block such as 10.0.0.0/8 or ::1', '::1'),
  endpointUrl: format(
    parseEndpointUrl,
    'a URL such as http://10.0.0.1:8080',
    'http://blank',
    ENDPOINT_URL_PATTERN,
  ),
  hostPattern: format(parseHostPattern, 'a host such as api.example.com, *.example.com or *', '*'),
  method: format(parseMethod, 'a method such as GET', 'GET', '^[A-Z][A-Z0-9_-]*$'),
  pathPattern: format(parsePathPattern, 'a path such as /users/{id} or /files/*', '/*', '^/'),
  pathTemplate: format(parsePathTemplate, 'a path such as /v1/users/{id}', '/', '^/'),
  pathPrefix: format(parsePathPrefix, 'a path such as /api', '/', '^/'),
  locationTemplate: format(
    parseLocationTemplate,
    'a path or URL such as /shop/{rest}',
    '/',
    '^(/|https?://)',
  ),
  valueMatch: format(parseValueMatch, 'text, a /regular expression/ or *', '*'),
  fieldValue: format(parseFieldValue, 'one line of text', ''),
  mediaType: format(parseMediaType, 'a media type such as application/json', 'text/plain'),
} as const;

/** The name of a notation. */
export type FormatName = keyof typeof FORMATS;

/** What a notation is read into. */
export type FormatValue<N extends FormatName> = (typeof FORMATS)[N] extends Format<infer T> ? T : never;

function format<T>(
  parse: (text: string) => Parsed<T>,
  expected: string,
  blank: string,
  pattern?: string,
): Format<T> {
  return pattern === undefined ? { parse, expected, blank } : { parse, expected, blank, pattern };
}
