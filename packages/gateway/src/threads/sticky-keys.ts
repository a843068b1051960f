import { randomBytes } from 'node:crypto';
import type { GatewayConfig, StickyConfig } from '@turnpike/config';
import type { News } from '../core/desk.ts';
import type { Log } from '../core/ports.ts';
import { keptSecret } from '../state/kept-secret.ts';

/** Name of the file in the state directory. */
const KEY_FILE = 'sticky-key';

/** What the supervisor lends to {@link StickyKeys}. */
export interface StickyKeyPorts {
  readonly log: Log;
  /** Where a key of our own is kept. */
  readonly stateDirectory: string;
  readonly publish: (news: News) => void;
}

/**
 * The key with which the data threads sign the cookies that keep callers where they were, where the configuration has none, and
 * the sessions of older MCP clients. It is
 * made once and kept. Several gateways need a configured one, which they share.
 */
export class StickyKeys {
  readonly #ports: StickyKeyPorts;
  #isTold = false;

  constructor(ports: StickyKeyPorts) {
    this.#ports = ports;
  }

  /** Takes over a configuration; unless it has such cookies, nothing is made and nothing read. */
  async use({ routes, services }: Pick<GatewayConfig, 'routes' | 'services'>): Promise<void> {
    const cookies = [
      ...routes.map(({ target }) => (target.kind === 'split' ? target.sticky : null)),
      ...services.map(({ balancer }) => (balancer.kind === 'sticky' ? balancer : null)),
    ];
    const hasSessions = routes.some(({ target }) => target.kind === 'mcp' && target.service === null);
    if (this.#isTold || !(hasSessions || cookies.some(isWithoutSecret))) return;
    this.#isTold = true;
    this.#ports.publish({ topic: 'sticky-key', id: '', key: await this.#key() });
  }

  /** Without a place to keep it, Turnpike runs as well: with a key that lasts as long as the process. */
  async #key(): Promise<Uint8Array> {
    const { stateDirectory, log } = this.#ports;
    try {
      return new Uint8Array(await keptSecret(stateDirectory, KEY_FILE));
    } catch (error) {
      log.warn('the key of sticky cookies cannot be kept, so after a restart callers are spread anew', {
        stateDirectory,
        error,
      });
      return new Uint8Array(randomBytes(32));
    }
  }
}

function isWithoutSecret(cookie: StickyConfig | null): boolean {
  return cookie !== null && cookie.secret === null;
}
