import type { Draft } from '../issue.ts';
import { servicesOf } from '../resolve/target-services.ts';
import { isOwn, placeOf, type HolderCheck } from './holders.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf } from './unknown-name.ts';

/** A policy for WebSockets stands where there are some. The defaults may hold one for those routes that have. */
export const websocketsAreOpened: HolderCheck = (holder) => {
  const { own, route } = holder;
  if (!isOwn(holder, 'websocket') || own.websocket === 'off' || route.upgrade.includes('websocket'))
    return [];
  const message = `${ownerOf(holder.path)}: websocket has no effect without upgrade: [websocket]; add that or remove it`;
  const from = [[...holder.path, 'upgrade']];
  return [{ code: 'CONFLICT', message, from, ...placeOf(holder, ['websocket']) }];
};

/** Some pages may open a WebSocket, and some protocol may be spoken in it. */
export const websocketListsAreGiven: PolicyCheck = ({ path, policies: { websocket } }) => {
  if (websocket === null || websocket === 'off') return [];
  return (['origins', 'subprotocols'] as const).flatMap((key): Draft[] => {
    if (websocket[key]?.length !== 0) return [];
    const message = `${ownerOf(path)}: websocket.${key} is empty, so nothing fits it; name some, or leave it out`;
    return [{ code: 'BAD_VALUE', message, path: [...path, 'websocket', key] }];
  });
};

/** A stream may be silent for as long as its route says: its service would end it earlier. */
export const eventStreamsMayBeSilent: HolderCheck = (holder, document) => {
  const policy = holder.own.eventStream ?? document.defaults.policies.eventStream;
  if (policy === null || policy === 'off' || policy.idleTimeout === null) return [];
  const { idleTimeout } = policy;
  const ids = servicesOf(holder.route.target);
  const shorter = ids.find((id) => (document.services.get(id)?.timeouts.idle ?? Infinity) < idleTimeout);
  if (shorter === undefined) return [];
  const message = `${ownerOf(holder.path)}: eventStream.idleTimeout is longer than services.${shorter}.timeouts.idle, which ends the stream first; raise that one`;
  const timeouts = ['services', shorter, 'timeouts'];
  const from = [timeouts, [...timeouts, 'idle']];
  return [{ code: 'CONFLICT', message, from, ...placeOf(holder, ['eventStream', 'idleTimeout']) }];
};
