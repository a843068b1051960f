import { parseAcmeDirectory, parseAcmeDomain } from './acme.ts';
import { parseAddress, parseAddressBlock, parseAddressRule } from './address.ts';
import {
  parseDistinguishedName,
  parseFingerprint,
  parseSpiffeId,
  parseSubjectAltName,
} from './certificate.ts';
import { parseBrowserOrigin } from './browser-origin.ts';
import { parseScope, parseValueTemplate } from './claim.ts';
import {
  parseApiKey,
  parseCookieName,
  parseCredentialSource,
  parsePassword,
  parsePrivateKey,
  parseUsername,
} from './credential.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { parseDate } from './date.ts';
import { DURATION_PATTERN, parseDuration } from './duration.ts';
import { parseEnvironmentNames } from './environment-names.ts';
import { ENDPOINT_URL_PATTERN, parseEndpointUrl } from './endpoint-url.ts';
import { parseFieldName, parseFieldValue, parseHeaderSource, parseMediaType, parseMethod } from './field.ts';
import { parseHostPattern } from './host-pattern.ts';
import { parseHashKey } from './hash-key.ts';
import { parseHedgeDelay } from './hedge-delay.ts';
import { parseHttpTemplate } from './http-template.ts';
import { parseLimitKey } from './limit-key.ts';
import { parseMediaRange } from './media-range.ts';
import { parseRequestTemplate } from './request-template.ts';
import { parseLimitName } from './limit-name.ts';
import { parseLogField } from './log-field.ts';
import type { Parsed } from './parsed.ts';
import {
  parseLocalPath,
  parseLocationTemplate,
  parsePathPattern,
  parsePathPrefix,
  parsePathTemplate,
} from './path-pattern.ts';
import { parsePin } from './pin.ts';
import { PERCENT_PATTERN, parsePercent } from './percent.ts';
import { parseRedisUrl } from './redis-url.ts';
import { SIZE_PATTERN, parseSize } from './size.ts';
import {
  HTTP_URL_PATTERN,
  parseCollectorUrl,
  parseDecisionUrl,
  parseHttpUrl,
  parseIssuer,
  parseKeySource,
  parseWebOrigin,
} from './url.ts';
import { parseResolver } from './resolver.ts';
import { parseStatusRange } from './status-range.ts';
import { parseXmlName, XML_NAME_PATTERN } from './xml-name.ts';
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
  acmeDirectory: format(
    parseAcmeDirectory,
    'letsencrypt, letsencrypt-staging or an https URL',
    'https://blank',
    '^(letsencrypt|letsencrypt-staging|https://.+)$',
  ),
  acmeDomain: format(parseAcmeDomain, 'a host name such as api.example.com', 'blank.example'),
  pin: format(parsePin, 'a pin such as sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', '', '^sha256/'),
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
  httpTemplate: format(parseHttpTemplate, 'a path template such as /v1/{name=shelves/*}/books', '/', '^/'),
  valueMatch: format(parseValueMatch, 'text, a /regular expression/ or *', '*'),
  fieldValue: format(parseFieldValue, 'one line of text', ''),
  mediaType: format(parseMediaType, 'a media type such as application/json', 'text/plain'),
  mediaRange: format(parseMediaRange, 'a media type such as application/json, or text/* or +json', 'text/*'),
  requestTemplate: format(
    parseRequestTemplate,
    'text, which may hold {header.x-tenant}, {identity.subject} and the like',
    '',
  ),
  logField: format(
    parseLogField,
    'text, which may hold {header.x-tenant} and the like, or rule: and an expression in CEL',
    '',
  ),
  date: format(parseDate, 'a date such as 2027-01-31 or 2027-01-31T12:00:00Z', '1970-01-01', '^[0-9]{4}-'),
  addressRule: format(parseAddressRule, 'an address or block such as 10.0.0.0/8, or @name of a list', '::1'),
  httpUrl: format(parseHttpUrl, 'a URL such as https://a.example/b', 'http://localhost', HTTP_URL_PATTERN),
  collectorUrl: format(parseCollectorUrl, 'a URL such as http://collector:4318', ''),
  issuer: format(
    parseIssuer,
    'a URL such as https://login.example.com',
    'http://localhost',
    HTTP_URL_PATTERN,
  ),
  webOrigin: format(
    parseWebOrigin,
    'a URL without path such as https://app.example.com',
    'http://localhost',
    HTTP_URL_PATTERN,
  ),
  keySource: format(parseKeySource, 'a URL such as https://a.example/keys.json, or a file', 'blank'),
  decisionUrl: format(
    parseDecisionUrl,
    'a URL such as http://127.0.0.1:9191/authorize or grpc://127.0.0.1:9191',
    'http://localhost',
    '^(http|grpc)s?://[^/?#@]+',
  ),
  localPath: format(parseLocalPath, 'a literal path such as /_auth/callback', '/_blank', '^/'),
  fieldName: format(parseFieldName, 'the name of a header such as x-tenant', 'x-blank'),
  cookieName: format(parseCookieName, 'the name of a cookie', '__Host-blank'),
  credentialSource: format(
    parseCredentialSource,
    'a place such as header:x-api-key, query:key or cookie:key',
    'header:x-api-key',
    '^(header|query|cookie):.',
  ),
  limitKey: format(
    parseLimitKey,
    'what is counted by, such as ip, identity, header:x-tenant or claim:org.id',
    'ip',
    '^((ip|identity|consumer|plan|route|method|host)$|(header|cookie|query|path|metadata|claim|rule):)',
  ),
  hashKey: format(
    parseHashKey,
    'what of a request is hashed, such as ip, identity, path, header:x-user or cookie:sid',
    'ip',
    '^((ip|identity|path)$|(header|cookie|query):)',
  ),
  xmlName: format(parseXmlName, 'the name of an element such as GetPrice', 'blank', XML_NAME_PATTERN),
  hedgeDelay: format(parseHedgeDelay, 'a percentile such as p95, or a duration such as 200ms', 'p95'),
  resolver: format(parseResolver, 'an address such as 10.0.0.2 or 10.0.0.2:5353', '::1'),
  statusRange: format(parseStatusRange, 'a status such as 200, or a range such as 200-399', '200'),
  headerSource: format(parseHeaderSource, 'header: and the name of a header', 'header:x-blank', '^header:.'),
  limitName: format(parseLimitName, 'a name of letters, digits and . _ : / -', 'blank'),
  redisUrl: format(
    parseRedisUrl,
    'a URL such as redis://127.0.0.1:6379 or rediss://user:password@host',
    'redis://blank',
    '^rediss?://',
  ),
  databaseUrl: format(
    parseDatabaseUrl,
    'sqlite:./turnpike.db, or a URL such as postgres://user:password@host/database',
    'sqlite:blank',
    '^(sqlite:|postgres(ql)?://)',
  ),
  environmentNames: format(
    parseEnvironmentNames,
    'the name of a variable, or the beginning of names such as TURNPIKE_*',
    'BLANK',
    '^[A-Za-z_]',
  ),
  browserOrigin: format(
    parseBrowserOrigin,
    'an origin such as https://app.example.com or https://*.example.com, null or *',
    'https://blank',
  ),
  scope: format(parseScope, 'a scope such as orders:read', 'blank'),
  valueTemplate: format(parseValueTemplate, 'text, which may hold {header.x-tenant} and the like', ''),
  apiKey: format(
    parseApiKey,
    'a key of at least 16 characters, or sha256: and 64 hexadecimal digits',
    'x'.repeat(16),
  ),
  username: format(parseUsername, 'a user name', 'blank'),
  password: format(parsePassword, 'a password, or a PHC string of scrypt or argon2id', 'blank'),
  privateKey: format(parsePrivateKey, 'the PEM text of a private key', ''),
  distinguishedName: format(parseDistinguishedName, 'a distinguished name such as CN=a,O=b', 'CN=blank'),
  subjectAltName: format(
    parseSubjectAltName,
    'a name such as dns:a.example or uri:spiffe://a/b',
    'dns:blank',
  ),
  spiffeId: format(parseSpiffeId, 'a SPIFFE id such as spiffe://example.org/orders', 'spiffe://blank'),
  fingerprint: format(parseFingerprint, 'the SHA-256 of a certificate in hex', '0'.repeat(64)),
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
