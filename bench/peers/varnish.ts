import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whenReady } from '../http.ts';
import { missingCommand, which } from '../machine.ts';
import { descendants, freePort, launch } from '../processes.ts';
import type { Environment, Peer, Running } from './peer.ts';

/** Varnish, for the scenarios of the cache alone. Its child does the work. */
export const varnish: Peer = {
  name: 'varnish',
  kind: 'native',
  scales: 'alone',
  missing: () => missingCommand('varnishd', 'varnish'),
  start,
};

async function start(environment: Environment): Promise<Running> {
  const port = await freePort();
  const { directory, originPort } = environment;
  const file = join(directory, 'default.vcl');
  writeFileSync(file, vcl(originPort));
  const program = launch(
    [
      which('varnishd') ?? 'varnishd',
      '-F',
      '-j',
      'none',
      '-n',
      join(directory, 'varnish'),
      '-a',
      `127.0.0.1:${port}`,
      '-f',
      file,
      '-s',
      'malloc,128m',
      '-t',
      '600',
    ],
    environment,
  );
  await whenReady(program, port, '/bench/ready');
  return { port, tlsPort: 0, pids: descendants(program.pid), stop: program.stop };
}

const vcl = (originPort: number): string => `vcl 4.1;
backend origin { .host = "127.0.0.1"; .port = "${originPort}"; }
sub vcl_recv {
  if (req.url == "/bench/ready") { return (synth(200)); }
  set req.http.X-Forwarded-Proto = "http";
  if (req.url ~ "^/bench/" || req.method != "GET") { return (pass); }
  return (hash);
}
`;
