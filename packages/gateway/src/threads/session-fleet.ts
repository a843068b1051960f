import { isDeepStrictEqual } from 'node:util';
import type { GatewayConfig, IdentityProviderConfig, RedisConfig } from '@turnpike/config';
import type { EndedSessions } from '../core/desk.ts';
import { systemClock, type Log } from '../core/ports.ts';
import { TimingWheel } from '../core/timing-wheel.ts';
import { toldEnds, type ToldEnds } from '../identity/login/told-ends.ts';
import { RedisEnds, type ToldEnd } from '../stores/redis/redis-ends.ts';

/** What sharing ended sessions needs. */
export interface SessionFleetPorts {
  readonly log: Log;
  readonly hear: (ended: EndedSessions) => void;
  readonly all: () => readonly EndedSessions[];
}

/** Sessions that end at one gateway are over at all that share its Redis and the secret of its sessions. Once a process. */
export class SessionFleet {
  readonly #ports: SessionFleetPorts;
  readonly #wheel = new TimingWheel(() => systemClock.now());
  #stopWheel: () => void = () => {};
  #texts: ReadonlyMap<string, ToldEnds> = new Map();
  #inUse: { readonly config: RedisConfig; readonly keepMs: number } | null = null;
  #ends: RedisEnds | null = null;

  constructor(ports: SessionFleetPorts) {
    this.#ports = ports;
  }

  /** Takes over a configuration. */
  use({ identityProviders, stores }: Pick<GatewayConfig, 'identityProviders' | 'stores'>): void {
    const providers = identityProviders.filter(hasLogin);
    this.#texts = new Map(providers.map((provider) => [provider.id, toldEnds(provider)]));
    const keepMs = Math.max(0, ...providers.map(({ login }) => login.session.lifetimeMs));
    const inUse = keepMs === 0 || stores.redis === null ? null : { config: stores.redis, keepMs };
    if (isDeepStrictEqual(inUse, this.#inUse)) return;
    void this.close();
    this.#inUse = inUse;
    if (inUse === null) return;
    this.#stopWheel = this.#wheel.start();
    this.#ends = new RedisEnds(inUse.config, {
      log: this.#ports.log,
      timers: this.#wheel,
      clock: systemClock,
      keepMs,
      hear: (texts) => this.#hear(texts),
      all: () => this.#ports.all().flatMap((ended) => this.#written(ended)),
    });
  }

  tell(ended: EndedSessions): void {
    void this.#ends?.tell(this.#written(ended));
  }

  async close(): Promise<void> {
    const [ends, inUse, stopWheel] = [this.#ends, this.#inUse, this.#stopWheel];
    this.#ends = null;
    this.#inUse = null;
    this.#stopWheel = () => {};
    await ends?.close(inUse?.config.timeoutMs ?? 0);
    stopWheel();
  }

  /** Who it is about stands before it: any gateway may have written it, with whatever providers it has. */
  #written(ended: EndedSessions): ToldEnd[] {
    const told = this.#texts.get(ended.provider)?.write(ended);
    return told === undefined ? [] : [{ name: told.name, text: `${ended.provider} ${told.text}` }];
  }

  #hear(texts: readonly string[]): void {
    for (const text of texts) {
      const [provider = '', sealed = ''] = text.split(' ', 2);
      const ended = this.#texts.get(provider)?.read(sealed);
      if (ended !== undefined && ended !== null) this.#ports.hear(ended);
    }
  }
}

type WithLogin = IdentityProviderConfig & { readonly login: NonNullable<IdentityProviderConfig['login']> };

function hasLogin(provider: IdentityProviderConfig): provider is WithLogin {
  return provider.login !== null;
}
