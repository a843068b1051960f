import { hash } from 'node:crypto';
import type { RouteConfig } from '@turnpike/config';

/**
 * A digest of what decides for whom responses of a route are, by route: what tells them apart, whether their cookies go, and who is
 * asked for who they are. Responses that were stored by other rules must not be given to anybody by these.
 */
export function storingRules(routes: readonly RouteConfig[]): ReadonlyMap<string, string> {
  const rules = new Map<string, string>();
  for (const { id, policies } of routes) {
    const { cache, authenticate } = policies;
    if (cache === null) continue;
    const { key, setCookie, headErrors, checkContentType } = cache;
    rules.set(
      id,
      hash(
        'sha256',
        JSON.stringify([key, setCookie, headErrors, checkContentType, authenticate]),
        'base64url',
      ),
    );
  }
  return rules;
}
