/**
 * For how long an answer with this `Cache-Control` is fresh (RFC 9111 §5.2.2); 0 when it must not be kept, null when it
 * does not say, or nothing that can be understood.
 */
export function maxAgeMs(cacheControl: string): number | null {
  const directives = cacheControl.toLowerCase().split(',', MAX_DIRECTIVES);
  const names = directives.map((directive) => directive.trim());
  if (names.includes('no-store') || names.includes('no-cache')) return 0;
  const [, digits] = names.find((name) => name.startsWith('max-age='))?.split('=') ?? [];
  return digits !== undefined && /^\d{1,10}$/.test(digits) ? Number(digits) * 1000 : null;
}

const MAX_DIRECTIVES = 20;
