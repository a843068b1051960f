import type { Draft } from '../issue.ts';
import { isLoopback } from '../format/ip.ts';
import type { ServiceConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Check } from './check.ts';

type Written = ResolvedDocument['services'] extends ReadonlyMap<string, infer S> ? S : never;

/** A service has its endpoints in one way. */
export const endpointsComeFromOnePlace: Check = ({ services }) =>
  services
    .filter(({ endpoints, discovery }) => endpoints.length > 0 && discovery !== null)
    .map(({ id }): Draft => {
      const message = `services.${id}: has endpoints and discovery; keep one of them`;
      return { code: 'CONFLICT', message, path: ['services', id, 'discovery'], at: 'key' };
    });

/** No two endpoints at one address: what is known of one would be known of the other. */
export const endpointsDiffer: Check = ({ services }) =>
  services.flatMap(({ id, endpoints }) => {
    const seen = new Set<string>();
    return endpoints.flatMap(({ url }, index): Draft[] => {
      if (!seen.has(url)) {
        seen.add(url);
        return [];
      }
      const message = `services.${id}: names ${url} twice; give it a weight instead`;
      return [{ code: 'DUPLICATE_ADDRESS', message, path: ['services', id, 'endpoints', index] }];
    });
  });

/** A balancer that is bound to something knows to what; keys of another way would be ignored. */
export const balancersAreClear: Check = (_, __, { services }) =>
  Array.from(services).flatMap(([id, { balancer }]): Draft[] => {
    if (typeof balancer === 'string') return [];
    const { hash, sticky } = balancer;
    const path = ['services', id, 'balancer'];
    if (hash === null && sticky === null) {
      const message = `services.${id}: balancer needs hash or sticky`;
      return [{ code: 'MISSING_KEY', message, path, at: 'key' }];
    }
    if (hash !== null && sticky !== null) {
      const message = `services.${id}: balancer has hash and sticky; keep one of them`;
      return [{ code: 'CONFLICT', message, path: [...path, 'sticky'], at: 'key' }];
    }
    if (hash?.length !== 0) return [];
    const message = `services.${id}: balancer.hash is an empty list; name what is hashed, such as ip`;
    return [{ code: 'BAD_VALUE', message, path: [...path, 'hash'] }];
  });

/** What is asked for fits to how it is asked. */
export const healthChecksAreClear: Check = ({ services }, _, document) =>
  services.flatMap(({ id }) => strangersOf(id, document.services.get(id)?.health ?? null));

function strangersOf(id: string, health: Written['health']): Draft[] {
  if (health === null) return [];
  const given = { path: health.path !== null, host: health.host !== null, service: health.service !== '' };
  const fits = { http: ['path', 'host'], tcp: [], grpc: ['service'] }[health.type] as readonly string[];
  return Object.entries(given).flatMap(([key, isGiven]): Draft[] => {
    if (!isGiven || fits.includes(key)) return [];
    const message = `services.${id}: health.${key} has no effect with type ${health.type}; remove it, or set another type`;
    return [{ code: 'CONFLICT', message, path: ['services', id, 'health', key], at: 'key' }];
  });
}

/** Registries are asked with secrets over TLS, or on this machine. */
export const registriesAreAskedOverTls: Check = ({ services }) =>
  services.flatMap((service): Draft[] => {
    const urls = secretUrls(service);
    if (!urls.some((url) => url.startsWith('http://') && !isLoopback(hostOf(url)))) return [];
    const message = `services.${service.id}: discovery sends a secret over http://, where anybody on the way can read it; use TLS`;
    return [{ code: 'INSECURE', message, path: ['services', service.id, 'discovery'], severity: 'warning' }];
  });

function secretUrls({ discovery }: ServiceConfig): readonly string[] {
  if (discovery?.kind === 'etcd') return discovery.password === null ? [] : discovery.urls;
  if (discovery?.kind === 'consul') return discovery.token === null ? [] : discovery.urls;
  return discovery?.kind === 'kubernetes' && discovery.url !== null ? [discovery.url] : [];
}

function hostOf(url: string): string {
  return new URL(url).hostname.replaceAll(/^\[|\]$/g, '');
}
