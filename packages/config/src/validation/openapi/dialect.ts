import { isObject, textAt } from '../json.ts';
import type { Dialect } from './translate.ts';

/** The version of OpenAPI that a document says it is in, as far as we know it. */
export function dialectOf(document: unknown): Dialect | null {
  const [, version] = /^(3\.[012])\.\d+/.exec(textAt(isObject(document) ? document : {}, 'openapi')) ?? [];
  return version === '3.0' || version === '3.1' || version === '3.2' ? version : null;
}
