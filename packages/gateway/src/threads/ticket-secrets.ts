import { randomBytes } from 'node:crypto';
import type { GatewayConfig } from '@turnpike/config';
import type { News } from '../core/desk.ts';

/** What the supervisor lends to {@link TicketSecrets}. */
export interface TicketSecretPorts {
  readonly publish: (news: News) => void;
  readonly timers: { after(ms: number, callBack: () => void): () => void };
}

/** Who learns a secret can read what was said under its tickets before TLS 1.3, so none lives for long (RFC 9325 §3.4). */
const LIFETIME_MS = 12 * 3_600_000;
const SECRET_BYTES = 32;

/** What the threads make the keys of session tickets from: the same for all, in memory only, and another twice a day. */
export class TicketSecrets {
  readonly #ports: TicketSecretPorts;
  #stop: (() => void) | null = null;

  constructor(ports: TicketSecretPorts) {
    this.#ports = ports;
  }

  /** Takes over a configuration; without TLS there are no secrets. */
  use({ listeners }: Pick<GatewayConfig, 'listeners'>): void {
    if (this.#stop === null && listeners.some(({ tls }) => tls !== null)) this.#rotate();
  }

  close(): void {
    this.#stop?.();
  }

  #rotate(): void {
    this.#stop = this.#ports.timers.after(LIFETIME_MS, () => this.#rotate());
    this.#ports.publish({
      topic: 'ticket-secret',
      id: '',
      secret: new Uint8Array(randomBytes(SECRET_BYTES)),
    });
  }
}
