import { UsageError } from '../exit-codes.ts';
import {
  type ErrorCode,
  type MatchInput,
  normalisePath,
  type NormalisedTarget,
  parseAuthority,
} from '../gateway.ts';
import { chooseListener, type Doors } from './choose-listener.ts';

/** A request as somebody describes it on the command line. */
export interface Described {
  readonly method: string;
  /** `http://host:port/path?query`, or only path and query. */
  readonly url: string;
  /** As `name: value`. */
  readonly headers: readonly string[];
  /** The name of a listener; without it the one that fits the URL best. */
  readonly listener: string | undefined;
}

/** A request as the gateway reads it. */
export interface Request extends MatchInput {
  /** As the client writes it. */
  readonly authority: string;
  /** With its leading `?`, or empty. */
  readonly query: string;
}

/** Why the gateway does not even look for a route. */
export interface Refused {
  readonly code: ErrorCode;
  readonly reason: string;
}

/**
 * Reads a request in the way of the gateway, which refuses what is ambiguous. Does not use `URL`, because that would repair
 * what the gateway refuses (`/a/../b`, `\`).
 */
export function readRequest(described: Described, doors: Doors): Request | Refused {
  const { scheme, authority: urlAuthority, target } = splitUrl(described.url);
  const fields = readFields(described.headers);
  const authority = urlAuthority ?? fields.get('host') ?? 'localhost';
  const parsed = parseAuthority(authority);
  if (parsed === undefined) return { code: 'BAD_HOST', reason: `"${authority}" is no host` };
  const out: NormalisedTarget = { path: '', query: '', hasQuery: false };
  const refusal = normalisePath(target, out);
  if (refusal !== undefined) return { code: 'BAD_PATH', reason: refusal.replaceAll('-', ' ') };
  const parameters = new URLSearchParams(out.query);
  return {
    method: described.method,
    listener: chooseListener(
      described.listener,
      { scheme, host: parsed.host, port: parsed.port ?? null },
      doors,
    ),
    authority,
    host: parsed.host,
    path: out.path,
    query: out.hasQuery ? `?${out.query}` : '',
    header: (name) => (name === 'host' ? authority : fields.get(name)),
    queryParam: (name) => parameters.get(name) ?? undefined,
  };
}

interface UrlParts {
  readonly scheme: 'http' | 'https' | null;
  readonly authority: string | undefined;
  readonly target: string;
}

function splitUrl(url: string): UrlParts {
  const absolute = /^http(s?):\/\/([^/?#]*)(.*)$/i.exec(url);
  const [, secure, authority, rest = ''] = absolute ?? [undefined, undefined, undefined, url];
  const scheme = secure === undefined ? null : secure === '' ? 'http' : 'https';
  const target = rest.replace(/#.*$/, ''); // a fragment never leaves the client
  const full = target.startsWith('/') ? target : `/${target}`;
  if (authority !== undefined) return { scheme, authority, target: full };
  if (target.startsWith('/')) return { scheme, authority, target };
  throw new UsageError(`"${url}" is no URL: write http://host/path, or only /path`);
}

/** By lower-case name; repeated fields become one list, as the gateway sees them (RFC 9110 §5.2). */
function readFields(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = /^([^\s:]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) throw new UsageError(`"${line}" is no header: write 'name: value'`);
    const before = fields.get(name.toLowerCase());
    fields.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}
