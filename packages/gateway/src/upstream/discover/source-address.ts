import type { DiscoveryConfig } from '@turnpike/config';

/** Where a source looks, for people: without anything secret. */
export function sourceAddress(config: DiscoveryConfig): string {
  switch (config.kind) {
    case 'dns':
      return `${config.name}:${config.port}`;
    case 'srv':
    case 'registry':
      return config.name;
    case 'file':
      return config.path;
    case 'etcd':
      return `${config.urls.map(withoutSecrets).join(', ')} ${config.prefix}`;
    case 'consul':
      return `${config.urls.map(withoutSecrets).join(', ')} ${config.service}`;
    case 'kubernetes':
      return `${config.url === null ? 'the cluster' : withoutSecrets(config.url)} ${config.namespace}/${config.service}`;
    default:
      return config satisfies never;
  }
}

/** Passwords stand before the host, keys behind the path. */
function withoutSecrets(text: string): string {
  const url = URL.parse(text);
  return url === null ? '(not a URL)' : `${url.protocol}//${url.host}${url.pathname}`;
}
