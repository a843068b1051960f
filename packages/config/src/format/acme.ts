import { parseHostPattern } from './host-pattern.ts';
import { ipFamily } from './ip.ts';
import { type Parsed, refused, understood } from './parsed.ts';
import { parseHttpUrl } from './url.ts';

const KNOWN: Readonly<Record<string, string>> = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
};

/** The directory of an authority (RFC 8555 §7.1.1): a name that we know, or its address, always with TLS (§6.1). */
export function parseAcmeDirectory(text: string): Parsed<string> {
  const known = KNOWN[text];
  if (known !== undefined) return understood(known);
  const url = parseHttpUrl(text);
  if (!url.ok) return url;
  return text.startsWith('https://') ? url : refused('is not https://', text.replace(/^http:/, 'https:'));
}

/** A host name that an authority can look at over HTTP or TLS, in lower case. */
export function parseAcmeDomain(text: string): Parsed<string> {
  if (text.includes('*'))
    return refused('has a wildcard, which needs a challenge over DNS; that is not built, so name every host');
  if (ipFamily(text.replaceAll(/^\[|\]$/g, '')) !== null)
    return refused('is an address; only names can be ordered');
  const host = parseHostPattern(text);
  if (!host.ok) return host;
  return host.value.includes('.') && !host.value.includes('_') ? host : refused('is no public host name');
}
