import { availableParallelism } from 'node:os';
import type { SocketAddress } from '@turnpike/config';
import type { Supervisor } from '@turnpike/gateway';
import { plural } from '../output/plural.ts';
import { alignColumns } from '../output/table.ts';
import type { Output } from '../output/terminal.ts';

/** What somebody who has just started a gateway wants to know. For terminals; everybody else reads the log. */
export function printBanner(gateway: Supervisor, version: string, output: Output): void {
  if (!output.isTerminal) return;
  const { config, ports, adminPort } = gateway;
  const { paint } = output;
  const rows = config.listeners.map(({ id, address }, index) => [
    index === 0 ? 'listening on' : '',
    `${paint('cyan', urlOf(address, ports.get(id)))}  ${paint('dim', id)}`,
  ]);
  rows.push(['routes', plural(config.routes.length, 'route')]);
  const services = config.services.map(
    ({ id, endpoints }) => `${id} (${plural(endpoints.length, 'endpoint')})`,
  );
  rows.push(['services', shortened(services).join(', ') || 'none']);
  if (config.admin !== null && adminPort !== null) {
    const { address } = config.admin;
    rows.push(['admin', `${urlOf(address, adminPort)}  ${paint('dim', '/readyz?verbose  /metrics')}`]);
  }
  rows.push(['threads', String(config.runtime.threads || availableParallelism())]);
  rows.push(['', paint('dim', 'Ctrl-C finishes what is under way and ends; a second one ends at once')]);
  output.print('', `  ${paint('bold', `Turnpike ${version}`)}`, ...alignColumns(rows, '  '), '');
}

const SHOWN_SERVICES = 5;

function shortened(names: readonly string[]): readonly string[] {
  if (names.length <= SHOWN_SERVICES) return names;
  return [...names.slice(0, SHOWN_SERVICES), `and ${names.length - SHOWN_SERVICES} more`];
}

/** A URL that works on this machine: one cannot go to "every address". */
function urlOf({ host, port }: SocketAddress, realPort: number | undefined): string {
  const isEverywhere = host === '' || host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${realPort ?? port}`;
}
