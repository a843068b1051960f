/** Why the operating system does not open an address, and what to do about it. */
const REASONS: Readonly<Record<string, (address: string, port: string) => string>> = {
  EADDRINUSE: (address, port) =>
    `${address} is taken by another program (ss -ltnp 'sport = :${port}' says which); end that one, or write another address`,
  EACCES: (address) =>
    `this user may not open ${address}; take a port from 1024 on, or let it: setcap or AmbientCapabilities=CAP_NET_BIND_SERVICE`,
  EADDRNOTAVAIL: (address, port) =>
    `this machine has no address ${address}; write :${port} for all that it has`,
};

/** What stopped a gateway from starting, for people: what the system says in numbers is put into words. */
export function startProblem(message: string): string {
  const [, code = '', address = ''] = /^listen (E[A-Z]+): .* (\S+)$/.exec(message) ?? [];
  const port = address.slice(address.lastIndexOf(':') + 1);
  return REASONS[code]?.(address, port) ?? message;
}
