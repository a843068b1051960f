import { isDeepStrictEqual } from 'node:util';
import type { AcmeCertificateConfig, AcmeStorageConfig, GatewayConfig } from '@turnpike/config';
import type { News } from '../core/desk.ts';
import type { AcmePorts } from './acme-ports.ts';
import type { AcmeStorage } from './acme-storage.ts';
import { CertificateKeeper, type KeeperStatus } from './certificate-keeper.ts';
import { certificateId } from './certificate-plan.ts';
import type { StoredCertificate } from './stored-certificate.ts';

/** What the desk works with. */
export interface AcmeDeskPorts extends AcmePorts {
  readonly publish: (news: News) => void;
  /** A storage as it is configured; `state` is on this machine. */
  readonly storageOf: (config: AcmeStorageConfig) => AcmeStorage;
  /** An order has ended; certificates go by their first name. */
  readonly ordered: (certificate: string, result: 'success' | 'failure') => void;
}

/** How it stands with a certificate, for operators. */
export interface AcmeStatus extends KeeperStatus {
  readonly domains: readonly string[];
  readonly directory: string;
  readonly challenge: AcmeCertificateConfig['challenge'];
  readonly storage: AcmeStorageConfig['kind'];
}

/** Until what is kept elsewhere is there, so that a gateway that comes back does not refuse its first clients. */
const LONGEST_BEGINNING_MS = 3000;

/** Keeps all certificates that the configuration wants fetched, and tells the data threads of them. */
export class AcmeDesk {
  readonly #ports: AcmeDeskPorts;
  readonly #keepers = new Map<string, CertificateKeeper>();

  constructor(ports: AcmeDeskPorts) {
    this.#ports = ports;
  }

  get status(): readonly AcmeStatus[] {
    return Array.from(this.#keepers.values(), ({ config, status }) => ({
      domains: config.domains,
      directory: config.directory,
      challenge: config.challenge,
      storage: config.storage.kind,
      ...status,
    }));
  }

  /** What was fetched, in PEM, by `certificateId`. */
  get texts(): ReadonlyMap<string, string> {
    const texts = [...this.#keepers].map(([id, { text }]) => [id, text] as const);
    return new Map(texts.flatMap(([id, text]) => (text === null ? [] : [[id, text] as const])));
  }

  /** Takes over a configuration. Resolves when what is kept is in use, or after three seconds; never rejects. */
  async use({ listeners }: Pick<GatewayConfig, 'listeners'>): Promise<void> {
    const wanted = new Map(
      listeners.flatMap(({ tls }) =>
        (tls?.certificates ?? []).flatMap((one) =>
          one.kind === 'acme' ? [[certificateId(one), one] as const] : [],
        ),
      ),
    );
    const leaving = [...this.#keepers].filter(
      ([id, { config }]) => !isDeepStrictEqual(config, wanted.get(id)),
    );
    for (const [id] of leaving) this.#keepers.delete(id);
    // An order under way gives up its lock first: whoever comes next may be the same certificate with other settings.
    await Promise.all(leaving.map(([, keeper]) => keeper.close()));
    const coming = [...wanted].filter(([id]) => !this.#keepers.has(id));
    const keepers = coming.map(([id, config]) => this.#keeper(id, config));
    const inTime = new AbortController();
    const begun = Promise.all(keepers.map((keeper) => keeper.begin())).then(() => inTime.abort());
    await this.#ports.wait(keepers.length === 0 ? 0 : LONGEST_BEGINNING_MS, inTime.signal);
    void begun.finally(() => keepers.forEach((keeper) => keeper.run()));
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#keepers.values(), (keeper) => keeper.close()));
  }

  #keeper(id: string, config: AcmeCertificateConfig): CertificateKeeper {
    const { publish, storageOf, ordered, ...ports } = this.#ports;
    const keeper = new CertificateKeeper(config, {
      ...ports,
      storage: storageOf(config.storage),
      local: storageOf({ kind: 'state' }),
      use: (found) => publish(newsOf(id, found)),
      show: (proofs) => publish({ topic: 'proofs', id, ...proofs }),
      ordered: (result) => ordered(config.domains[0] ?? '', result),
    });
    this.#keepers.set(id, keeper);
    return keeper;
  }
}

function newsOf(id: string, { certificate, key }: StoredCertificate): News {
  return { topic: 'certificate', id, certificate, key };
}
