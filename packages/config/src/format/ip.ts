/** The family of an IP address, or `null` when the text is none. Written here because a browser has no `node:net`. */
export function ipFamily(text: string): 'ipv4' | 'ipv6' | null {
  if (isIpv4(text)) return 'ipv4';
  return isIpv6(text) ? 'ipv6' : null;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** RFC 4291 §2.2, without a zone. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || text.length > 45) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  const endsInIpv4 = last !== undefined && last.includes('.') && !text.endsWith('::');
  if (endsInIpv4 && !isIpv4(last)) return false;
  const hex = endsInIpv4 ? groups.slice(0, -1) : groups;
  const count = hex.length + (endsInIpv4 ? 2 : 0);
  if (!hex.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? count <= 7 : count === 8;
}

/** True for addresses and names that only this machine can reach. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return ipFamily(host) === 'ipv4' && host.startsWith('127.');
}
