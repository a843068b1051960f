import type { AcmeCertificateConfig } from '@turnpike/config';
import { setTimeout as delay } from 'node:timers/promises';
import { manualClock, type ManualClock } from '@turnpike/testkit';
import { CertificateKeeper, type KeeperPorts } from '../../src/acme/certificate-keeper.ts';
import type { AcmeStorage } from '../../src/acme/acme-storage.ts';
import type { ShownProofs } from '../../src/acme/shown-proofs.ts';
import type { StoredCertificate } from '../../src/acme/stored-certificate.ts';
import { random } from '../../src/core/random.ts';
import type { HttpClient } from '../../src/identity/http/http-client.ts';

/** A keeper, and what it has told. */
export interface TestKeeper {
  readonly keeper: CertificateKeeper;
  readonly clock: ManualClock;
  readonly used: StoredCertificate[];
  readonly shown: ShownProofs[];
  readonly ordered: string[];
  readonly problems: string[];
}

export interface TestKeeperParts {
  readonly config: AcmeCertificateConfig;
  readonly storage: AcmeStorage;
  readonly http: KeeperPorts['http'] | HttpClient;
  readonly local?: AcmeStorage;
  readonly clock?: ManualClock;
  /** How much shorter waiting is; gateways that share a storage need the time to see what is in it. */
  readonly haste?: number;
  /** Told what is shown. */
  readonly show?: (proofs: ShownProofs) => void;
}

/** A keeper for which a minute of waiting is a hundredth of a second, unless it is less in a hurry. */
export function testKeeper({
  config,
  storage,
  http,
  local = storage,
  clock,
  haste = 6000,
  show,
}: TestKeeperParts): TestKeeper {
  const time = clock ?? manualClock(Date.now());
  const found: Omit<TestKeeper, 'keeper'> = { clock: time, used: [], shown: [], ordered: [], problems: [] };
  const silent = (): void => {};
  const keeper = new CertificateKeeper(config, {
    http,
    clock: time,
    storage,
    local,
    random: random(1),
    log: {
      debug: silent,
      info: silent,
      error: silent,
      warn: (_, fields) => found.problems.push(String((fields as { problem?: unknown }).problem)),
    },
    wait: async (ms, signal) => {
      await delay(Math.ceil(ms / haste), undefined, { signal }).catch(silent);
    },
    use: (one) => found.used.push(one),
    show: (proofs) => {
      found.shown.push(proofs);
      show?.(proofs);
    },
    ordered: (result) => found.ordered.push(result),
  });
  return { keeper, ...found };
}
