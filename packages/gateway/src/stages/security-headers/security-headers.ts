import type { SecurityHeadersConfig } from '@turnpike/config';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Wrapper } from '../../core/exchange.ts';
import { headerName, type HeaderName } from '../../core/header-names.ts';
import type { Headers } from '../../core/headers.ts';
import { schemeOf } from '../../core/http/scheme.ts';

/** What the stage reaches the world through. */
export interface SecurityHeadersPorts {
  readonly decisions: DecisionsOf;
}

/** A field that replies should have. */
interface Field {
  readonly name: HeaderName;
  readonly value: string;
}

/** Browsers ignore it over http, and who listens there could take it away (RFC 6797 §7.2). */
const ONLY_OVER_HTTPS = 'strict-transport-security';

/**
 * Gives replies, our own errors among them, the fields that make browsers careful. What the service says itself stays.
 * In report mode each field that a reply lacks is counted under its name.
 */
export function securityHeaders(
  config: SecurityHeadersConfig | null,
  { decisions }: SecurityHeadersPorts,
): Wrapper | null {
  if (config === null) return null;
  const overHttps = Object.entries(config.headers).map(fieldOf);
  const overHttp = overHttps.filter(({ name }) => name.lower !== ONLY_OVER_HTTPS);
  const count = decisions('securityHeaders');
  const isReport = config.mode === 'report';

  return (next) => async (exchange) => {
    const reply = await next(exchange);
    if (reply.tunnel !== null) return reply;
    const fields = schemeOf(exchange) === 'https' ? overHttps : overHttp;
    if (isReport) {
      for (const { name } of fields) if (!reply.headers.has(name.lower)) count.reported(name.lower);
      return reply;
    }
    return { ...reply, headers: withFields(reply.headers, fields) };
  };
}

function withFields(headers: Headers, fields: readonly Field[]): Headers {
  const own = headers.share();
  for (const { name, value } of fields) if (!headers.has(name.lower)) own.appendNamed(name, value);
  return own;
}

/** The field, spelled as people write it: `X-Frame-Options`. */
function fieldOf([name, value]: readonly [string, string]): Field {
  return { name: headerName(name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase())), value };
}
