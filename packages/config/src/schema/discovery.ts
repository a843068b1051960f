import { either, integer, list, notation, optional, orElse, secret, section, word } from './typebox.ts';

const url = notation('httpUrl', 'The address of one.');

const kubernetes = section('EndpointSlices of a service in Kubernetes.', {
  namespace: orElse(word('The namespace of the service.'), 'default'),
  service: word('Its name.'),
  port: optional(
    either(
      'Its port, by number or name. The only one if it is left out.',
      integer('By number.', 1, 65_535),
      word('By name.'),
    ),
  ),
  url: optional(notation('httpUrl', 'The API server. That of the cluster that we run in by default.')),
  tokenFile: optional(word('A file with the token. That of the pod by default.')),
  authorities: optional(
    word('A PEM file with the authorities of the API server. That of the pod by default.'),
  ),
});

/** Where endpoints come from. */
export const discovery = section(
  'Endpoints that come and go. Has one of dns, srv, file, etcd, consul, kubernetes and registry.',
  {
    dns: optional(word('A and AAAA records of this name; needs `port`.')),
    port: optional(integer('The port of every address of `dns`.', 1, 65_535)),
    srv: optional(word('SRV records of this name, such as `_orders._tcp.internal`.')),
    resolvers: orElse(
      list(
        'Name servers for `dns` and `srv`. Those of the system by default.',
        notation('resolver', 'Such as 10.0.0.2.'),
      ),
      [],
    ),
    file: optional(word('A file with a list of endpoints, relative to the file that names it. Watched.')),
    etcd: optional(either('etcd v3.', url, list('Several of its nodes.', url))),
    prefix: optional(word('Keys of `etcd` below this prefix.')),
    username: optional(word('Our name at `etcd`.')),
    password: optional(secret('Our password there, best from `${env:NAME}`.')),
    consul: optional(either('Consul.', url, list('Several agents.', url))),
    service: optional(word('The name of the service at `consul`.')),
    tag: optional(
      either(
        'Only its instances with this tag.',
        word('A tag.'),
        list('Only with all of these.', word('A tag.')),
      ),
    ),
    datacenter: optional(word('The datacenter of `consul`. That of the agent by default.')),
    token: optional(secret('Our token at `consul`, best from `${env:NAME}`.')),
    kubernetes: optional(kubernetes),
    registry: optional(word('Instances that register themselves on the admin API under this name.')),
  },
);
