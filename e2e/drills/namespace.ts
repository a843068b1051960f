import { execFileSync } from 'node:child_process';

/** A network namespace with one address, behind a pair of virtual interfaces: a host that can vanish. */
export interface Namespace {
  /** Its address. */
  readonly address: string;
  /** What comes before a command that is to run inside. */
  readonly command: readonly string[];
  /** Whatever is sent to it arrives, and nothing comes back: no refusal, no reset. */
  vanish(): void;
  comeBack(): void;
  remove(): void;
}

/** Makes one. Needs root and `ip` (Debian's iproute2); its addresses are in 198.18.0.0/15 (RFC 2544, for benchmarks). */
export function namespace(number: number): Namespace {
  const name = `turnpike-${process.pid}-${number}`;
  const [outside, inside] = [`tp${number}o${process.pid % 10_000}`, `tp${number}i${process.pid % 10_000}`];
  const gateway = `198.18.${number}.1`;
  const address = `198.18.${number}.2`;
  ip('netns', 'add', name);
  ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', name);
  ip('address', 'add', `${gateway}/30`, 'dev', outside);
  ip('link', 'set', outside, 'up');
  ip('-n', name, 'address', 'add', `${address}/30`, 'dev', inside);
  ip('-n', name, 'link', 'set', inside, 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  return {
    address,
    command: ['ip', 'netns', 'exec', name],
    vanish: () => ip('-n', name, 'route', 'add', 'blackhole', `${gateway}/32`),
    comeBack: () => ip('-n', name, 'route', 'delete', 'blackhole', `${gateway}/32`),
    remove() {
      ip('link', 'delete', outside);
      ip('netns', 'delete', name);
    },
  };
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
