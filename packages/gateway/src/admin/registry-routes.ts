import type { AdminPorts } from './admin-ports.ts';
import { adminProblem, done, json, type Answer } from './answer.ts';
import { readInstance } from './read-instance.ts';
import type { AdminRequest, AdminRoute } from './router.ts';

type Registry = AdminPorts['registry'];

const INSTANCE = '/registry/{service}/{id}';

/** How instances register themselves, and are seen. */
export function registryRoutes(registry: Registry): readonly AdminRoute[] {
  const heartbeat = ofKnown((service, id) => registry.heartbeat(service, id));
  const drain = ofKnown((service, id) => registry.drain(service, id));
  const leave = ofKnown((service, id) => registry.deregister(service, id));
  return [
    {
      method: 'GET',
      path: '/registry',
      summary: 'instances that registered themselves',
      role: 'viewer',
      handle: async () => json(200, registry.list()),
    },
    {
      method: 'PUT',
      path: INSTANCE,
      summary: 'registers an instance, or renews it',
      body: 'json',
      role: 'editor',
      handle: async (request) => register(registry, request),
    },
    { method: 'DELETE', path: INSTANCE, summary: 'deregisters an instance', role: 'editor', handle: leave },
    {
      method: 'POST',
      path: `${INSTANCE}/heartbeat`,
      summary: 'renews the lease of an instance',
      role: 'editor',
      handle: heartbeat,
    },
    {
      method: 'POST',
      path: `${INSTANCE}/drain`,
      summary: 'takes new requests away from an instance',
      role: 'editor',
      handle: drain,
    },
  ];
}

/** An instance that is not known has to register: after a loss of ours its next heartbeat tells it so. */
function ofKnown(change: (service: string, id: string) => boolean): AdminRoute['handle'] {
  return async ({ parameter }) =>
    change(parameter('service'), parameter('id')) ? done() : adminProblem('UNKNOWN_INSTANCE');
}

function register(registry: Registry, { parameter, body }: AdminRequest): Answer {
  const [service, id] = [parameter('service'), parameter('id')];
  const read = readInstance(service, id, body);
  if (!read.ok) return adminProblem('INSTANCE_REJECTED', { errors: read.faults });
  const { endpoint } = read.instance;
  // Somebody drained it: that it renews its lease as ever does not undo that.
  const wasDrained = registry.find(service, id)?.endpoint.isDraining === true;
  const isDraining = read.saysDraining ? endpoint.isDraining : wasDrained;
  const registered = registry.register({ ...read.instance, endpoint: { ...endpoint, isDraining } });
  if (registered.kind === 'full') return adminProblem('REGISTRY_FULL');
  const { kind, leaseSeconds } = registered;
  return json(kind === 'new' ? 201 : 200, { service, id, leaseSeconds });
}
