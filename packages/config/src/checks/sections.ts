import type { Draft } from '../issue.ts';
import type { SocketAddress } from '../resolved.ts';
import type { Check } from './check.ts';

/** A service has at least one endpoint. */
export const servicesHaveEndpoints: Check = ({ services }) =>
  services
    .filter(({ endpoints, discovery }) => endpoints.length === 0 && discovery === null)
    .map(({ id }): Draft => {
      const message = `services.${id}: has no endpoints; add at least one, such as endpoints: [http://10.0.0.1:8080], or a discovery`;
      const from = [['services', id, 'discovery']];
      return { code: 'NO_ENDPOINTS', message, path: ['services', id], at: 'key', from };
    });

/** Routes can be reached through a listener. */
export const routesHaveListeners: Check = ({ listeners, routes }) => {
  if (listeners.length > 0 || routes.length === 0) return [];
  const message = 'listeners: there are routes but no listener; add one, such as web: { address: ":8080" }';
  return [{ code: 'NO_LISTENER', message, path: ['listeners'], at: 'key' }];
};

/** No two doors at the same address, the admin API included. Port 0 is a new port every time. */
export const addressesDiffer: Check = ({ listeners, admin }) => {
  const seen: { name: string; address: SocketAddress }[] = [];
  const doors = listeners.map(({ id, address }) => ({
    name: `listeners.${id}`,
    address,
    path: ['listeners', id],
  }));
  if (admin !== null) doors.push({ name: 'admin', address: admin.address, path: ['admin'] });
  return doors.flatMap(({ name, address, path }): Draft[] => {
    const first = seen.find((other) => overlap(other.address, address));
    seen.push({ name, address });
    if (first === undefined) return [];
    const message = `${name}: listens on the same address as ${first.name}; give one of them another port`;
    return [{ code: 'DUPLICATE_ADDRESS', message, path: [...path, 'address'] }];
  });
};

/** Certificates in a header are believed of somebody: of nobody would be of no use, of everybody a hole. */
export const certificatesAreVouchedFor: Check = ({ listeners }) =>
  listeners
    .filter(({ forwardedClientCert, trustedProxies }) => forwardedClientCert && trustedProxies.length === 0)
    .map(({ id }): Draft => {
      const message = `listeners.${id}: forwardedClientCert believes trusted proxies, but there are none; add trustedProxies`;
      const path = ['listeners', id, 'forwardedClientCert'];
      return { code: 'CONFLICT', message, path, at: 'key', from: [['listeners', id, 'trustedProxies']] };
    });

const EVERY_ADDRESS = new Set(['', '::', '0.0.0.0']);

/** "Every address" overlaps with each address of its family. */
function overlap(a: SocketAddress, b: SocketAddress): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  return a.host === b.host || EVERY_ADDRESS.has(a.host) || EVERY_ADDRESS.has(b.host);
}
