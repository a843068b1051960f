import type { RewriteConfig } from '@turnpike/config';
import type { Wrapper } from '../../core/exchange.ts';
import { compileTemplate } from '../../core/template.ts';

/** Changes the path and the host that the service sees; `names` are the parameters of the route's path. */
export function rewrite(config: RewriteConfig | null, names: readonly string[]): Wrapper | null {
  if (config === null) return null;
  const { path, stripPrefix, host } = config;
  const newPath = path === null ? null : compileTemplate(path, names);

  return (next) => (exchange) => {
    if (newPath !== null) exchange.targetPath = newPath(exchange.params);
    else if (stripPrefix !== null) exchange.targetPath = withoutPrefix(exchange.path, stripPrefix);
    if (host !== null) exchange.targetAuthority = host;
    return next(exchange);
  };
}

/** `/api/users` without `/api` is `/users`; `/apis` has another first segment and stays. */
export function withoutPrefix(path: string, prefix: string): string {
  const bare = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  if (path === bare) return '/';
  return path.startsWith(`${bare}/`) ? path.slice(bare.length) : path;
}
