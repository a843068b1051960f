/** The fields that every decoder knows, by their numbers from 1 on (RFC 7541 Appendix A): names, with values after `=`. */
const TEXT =
  ':authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|:status=206|' +
  ':status=304|:status=400|:status=404|:status=500|accept-charset|accept-encoding=gzip, deflate|accept-language|accept-ranges|accept|' +
  'access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|content-encoding|content-language|' +
  'content-length|content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|' +
  'if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|' +
  'referer|refresh|retry-after|server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate';

/** A field of a table. */
export interface Entry {
  readonly name: string;
  readonly value: string;
  /** A name or a value that no message may have. */
  readonly isMalformed: boolean;
}

/** What an entry takes in a table besides its text (RFC 7541 §4.1). */
export const ENTRY_BYTES = 32;
/** The size that a table has unless the other end says something else (RFC 9113 §6.5.2), and the most that we use. */
export const TABLE_BYTES = 4096;

export const STATIC_TABLE: readonly Entry[] = TEXT.split('|').map((text) => {
  const [name = '', value = ''] = text.split('=');
  return { name, value, isMalformed: false };
});
