/** A browser writes none longer: a scheme, 253 characters of host, and a port. */
const MAX_ORIGIN_LENGTH = 320;

/** All subdomains of a host: what stands before and after their names. */
interface Family {
  readonly before: string;
  readonly after: string;
}

/**
 * Makes the test of an `Origin` field against normalised origins (`https://app.example.com`, `https://*.example.com`, `null`,
 * or `*` for all).
 *
 * Scheme, host and port have to be equal, in whatever case. Behind a `*` are one or more whole labels and nothing else, so
 * that neither `https://evil-example.com` nor `https://evil.com/.example.com` is taken for a subdomain; comparing text
 * instead of running a pattern leaves no dot that stands for any character.
 */
export function allowedOrigins(origins: readonly string[]): (origin: string) => boolean {
  if (origins.includes('*')) return () => true;
  const exact = new Set(origins.filter((origin) => !origin.includes('*')));
  const families = origins.filter((origin) => origin.includes('*')).map(familyOf);

  return (origin) => {
    if (exact.has(origin)) return true;
    if (origin.length > MAX_ORIGIN_LENGTH) return false;
    const lower = origin.toLowerCase();
    return exact.has(lower) || families.some((family) => isMember(lower, family));
  };
}

/** `https://*.example.com:8443` in two parts: `https://` and `.example.com:8443`. */
function familyOf(origin: string): Family {
  const star = origin.indexOf('*');
  return { before: origin.slice(0, star), after: origin.slice(star + 1) };
}

function isMember(origin: string, { before, after }: Family): boolean {
  const end = origin.length - after.length;
  return (
    end > before.length &&
    origin.startsWith(before) &&
    origin.endsWith(after) &&
    areLabels(origin, before.length, end)
  );
}

/** Whether `text[from, to)` is one or more labels of a host name (RFC 1123 §2.1, with underscores) with dots in between. */
function areLabels(text: string, from: number, to: number): boolean {
  let start = from;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2e && at > start) start = at + 1;
    else if (!isLabelCharacter(code)) return false;
  }
  return start < to;
}

function isLabelCharacter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f;
}
