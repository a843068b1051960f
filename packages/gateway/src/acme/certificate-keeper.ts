import { readFile } from 'node:fs/promises';
import type { AcmeCertificateConfig } from '@turnpike/config';
import { AcmeClient } from './acme-client.ts';
import { AcmeFailure } from './acme-failure.ts';
import type { AcmePorts } from './acme-ports.ts';
import type { AcmeStorage } from './acme-storage.ts';
import { renewalId } from './certificate-facts.ts';
import { storageNames } from './certificate-plan.ts';
import { keptAccount } from './kept-account.ts';
import { orderCertificate, type Proof } from './order.ts';
import { begun, failed, nextOrderMs, readAttempts, succeeded, type Attempts } from './pace.ts';
import { renewalByAge, renewalIn, suggestedWindow, type RenewalWindow } from './renewal-time.ts';
import { NO_PROOFS, proofsText, shownProofs, type ShownProofs } from './shown-proofs.ts';
import { certificateText, storedCertificate, type StoredCertificate } from './stored-certificate.ts';

/** What a keeper works with. */
export interface KeeperPorts extends AcmePorts {
  readonly storage: AcmeStorage;
  /** On this machine: what is used is kept there as well, for a start when the storage is gone. */
  readonly local: AcmeStorage;
  readonly use: (certificate: StoredCertificate) => void;
  readonly show: (proofs: ShownProofs) => void;
  readonly ordered: (result: 'success' | 'failure') => void;
}

/** How it stands with a certificate. */
export interface KeeperStatus {
  readonly state: 'missing' | 'valid' | 'expired';
  readonly expiresAtMs: number | null;
  readonly renewAtMs: number | null;
  /** Orders that failed in a row, by whichever gateway. */
  readonly failures: number;
  readonly nextOrderAtMs: number | null;
  /** Why the last look or order failed, or `''`. */
  readonly problem: string;
}

/** How often a gateway looks for what others have done: certificates, and proofs that it has to show as well. */
const LOOK_MS = 5000;
/** Until every gateway has found the proofs; the data threads of this one hear at once. */
const SHOWN_EVERYWHERE_MS = 2 * LOOK_MS;
const SHOWN_HERE_MS = 250;
/** A connection to a storage may take a moment. */
const BEGIN_ATTEMPTS = 10;
const BEGIN_PAUSE_MS = 200;
const LEASE_MS = 120_000;
const RENEW_LEASE_MS = 30_000;
const LONGEST_ORDER_MS = 900_000;
const ASK_AGAIN_AFTER_PROBLEM_MS = 3_600_000;

/**
 * Keeps one certificate: fetches it when there is none, renews it in time, and uses what another gateway has fetched. Of
 * several that share a storage one orders, under a lock; what was ordered lately, and failed, lies beside it.
 */
export class CertificateKeeper {
  readonly config: AcmeCertificateConfig;
  readonly #ports: KeeperPorts;
  readonly #names: ReturnType<typeof storageNames>;
  readonly #over = new AbortController();
  #text: string | null = null;
  #proofsText: string | null = null;
  #proofsUntilMs = 0;
  #ownProofs: string | null = null;
  #current: StoredCertificate | null = null;
  #renewAtMs = 0;
  #window: RenewalWindow | null = null;
  #askAtMs = 0;
  #attempts: Attempts = readAttempts(null);
  #problem = '';
  #running: Promise<void> | null = null;
  /** The copy on this machine is written. */
  #kept: Promise<void> = Promise.resolve();

  constructor(config: AcmeCertificateConfig, ports: KeeperPorts) {
    this.config = config;
    this.#ports = ports;
    this.#names = storageNames(config);
  }

  /** The certificate in PEM, with those that lead to its authority; null: there is none yet. */
  get text(): string | null {
    return this.#current?.certificate ?? null;
  }

  get status(): KeeperStatus {
    const nowMs = this.#ports.clock.epoch();
    const { toMs } = this.#current?.validity ?? { toMs: null };
    const nextMs = nextOrderMs(this.#attempts, nowMs);
    return {
      state: toMs === null ? 'missing' : toMs > nowMs ? 'valid' : 'expired',
      expiresAtMs: toMs,
      renewAtMs: toMs === null ? null : this.#renewAtMs,
      failures: this.#attempts.failures,
      nextOrderAtMs: nextMs > nowMs ? nextMs : null,
      problem: this.#problem,
    };
  }

  /** Uses what is there already, from the storage or from this machine. Never rejects. */
  async begin(): Promise<void> {
    let problem: unknown = null;
    for (let attempt = 0; attempt < BEGIN_ATTEMPTS && !this.#over.signal.aborted; attempt++) {
      try {
        await this.#look();
        problem = null;
        break;
      } catch (error) {
        problem = error;
        await this.#ports.wait(BEGIN_PAUSE_MS, this.#over.signal);
      }
    }
    if (problem !== null) this.#note(problem);
    // A storage that was emptied is no reason to be without one.
    if (this.#current === null)
      this.#take(await this.#ports.local.read(this.#names.certificate).catch(() => null));
  }

  /** Looks after it from now on. */
  run(): void {
    this.#running ??= this.#run();
  }

  /** Gives up what is under way; resolves when that is done. */
  async close(): Promise<void> {
    this.#over.abort();
    await this.#running;
    await this.#kept;
  }

  async #run(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await this.#round().catch((error: unknown) => this.#note(error));
      await this.#ports.wait(LOOK_MS * (0.9 + 0.2 * this.#ports.random.unit()), signal);
    }
  }

  /** One look at everything; orders if it is time. */
  async #round(): Promise<void> {
    await this.#look();
    await this.#askWhen();
    if (!this.#isDue()) return this.#allIsWell();
    await this.#readAttempts();
    if (this.#mustWait()) return;
    const lease = await this.#ports.storage.lock(this.#names.lock, LEASE_MS);
    if (lease === null) return;
    const lost = new AbortController();
    const keep = this.#keepLease(lease, lost);
    try {
      await this.#look();
      await this.#readAttempts();
      if (this.#isDue() && !this.#mustWait())
        await this.#order(AbortSignal.any([lost.signal, this.#over.signal]));
    } finally {
      lost.abort();
      await keep;
      await lease.release();
    }
  }

  #isDue(): boolean {
    return this.#current === null || this.#ports.clock.epoch() >= this.#renewAtMs;
  }

  #mustWait(): boolean {
    const nowMs = this.#ports.clock.epoch();
    return nextOrderMs(this.#attempts, nowMs) > nowMs;
  }

  async #look(): Promise<void> {
    const { storage, clock, show } = this.#ports;
    this.#take(await storage.read(this.#names.certificate));
    const [text, nowMs] = [await storage.read(this.#names.challenges), clock.epoch()];
    if (text === this.#proofsText && nowMs < this.#proofsUntilMs) return;
    const { untilMs, ...proofs } = shownProofs(text, nowMs);
    this.#proofsText = text;
    this.#proofsUntilMs = untilMs;
    show(proofs);
  }

  #take(text: string | null): void {
    if (text === null || text === this.#text) return;
    const found = storedCertificate(text);
    // The next order replaces it.
    if (found === null) return this.#note(new Error('the certificate in the storage cannot be read'));
    this.#text = text;
    this.#current = found;
    this.#renewAtMs = renewalByAge(found.validity, this.#ports.random);
    this.#window = null;
    this.#askAtMs = 0;
    this.#ports.use(found);
    this.#keepLocally(text);
  }

  #keepLocally(text: string): void {
    const { storage, local, log } = this.#ports;
    if (!storage.isShared) return;
    this.#kept = local
      .write(this.#names.certificate, text)
      .catch((error: unknown) => log.warn('a certificate cannot be kept on this machine', { error }));
  }

  /** Has the authority say when it wants the certificate renewed (RFC 9773). Where it cannot, the age counts. */
  async #askWhen(): Promise<void> {
    const { clock, random } = this.#ports;
    const nowMs = clock.epoch();
    if (this.#current === null || nowMs < this.#askAtMs || this.#isDue()) return;
    const { certificate, validity } = this.#current;
    const id = renewalId(certificate);
    if (id === null) return;
    this.#askAtMs = nowMs + ASK_AGAIN_AFTER_PROBLEM_MS;
    try {
      const found = await suggestedWindow(await this.#client(this.#over.signal), id, nowMs);
      if (found === null) return;
      this.#askAtMs = found.askAgainMs;
      if (found.startMs !== this.#window?.startMs || found.endMs !== this.#window.endMs)
        this.#renewAtMs = renewalIn(found, validity, random);
      this.#window = found;
    } catch (error) {
      this.#ports.log.debug('the authority does not say when to renew', { error, ...this.#about });
    }
  }

  async #client(signal: AbortSignal): Promise<AcmeClient> {
    const { directory, authorities } = this.config;
    const key = await keptAccount(this.#ports.storage, this.#names.account);
    const trusted = authorities === null ? null : await readFile(authorities.path, 'utf8');
    return new AcmeClient({ directory, authorities: trusted, key, signal }, this.#ports);
  }

  async #order(signal: AbortSignal): Promise<void> {
    const { storage, clock, log, random, ordered } = this.#ports;
    await this.#writeAttempts(begun(this.#attempts, clock.epoch()));
    log.info('a certificate is ordered', this.#about);
    try {
      const replaces = this.#current === null ? null : renewalId(this.#current.certificate);
      const show = (proofs: readonly Proof[]): Promise<void> => this.#show(proofs, signal);
      const wish = { ...this.config, replaces, signal, show };
      const pair = await orderCertificate(wish, await this.#client(signal), this.#ports);
      await storage.write(this.#names.certificate, certificateText(pair));
      await this.#writeAttempts(succeeded(this.#attempts));
      ordered('success');
      await this.#look();
      log.info('a certificate was fetched', { ...this.#about, expiresAtMs: this.status.expiresAtMs });
    } catch (error) {
      if (this.#over.signal.aborted) return;
      const retryAfterMs = error instanceof AcmeFailure ? error.retryAfterMs : 0;
      const pause = { retryAfterMs, jitter: random.unit() };
      await this.#writeAttempts(failed(this.#attempts, clock.epoch(), pause));
      // Every order is told of, though its problem be the old one: there are few, and the certificate comes to its end.
      this.#allIsWell();
      this.#note(error);
      ordered('failure');
    } finally {
      this.#ports.show(NO_PROOFS);
      // Who lost the lock leaves alone what the next one shows.
      const shown = await storage.read(this.#names.challenges);
      if (shown === this.#ownProofs) await storage.remove(this.#names.challenges);
      this.#ownProofs = null;
    }
  }

  /** Into the storage, from where the other gateways get them, before the authority is told to look. */
  async #show(proofs: readonly Proof[], signal: AbortSignal): Promise<void> {
    const { storage, clock, wait } = this.#ports;
    this.#ownProofs = proofsText(this.config.challenge, proofs, clock.epoch());
    await storage.write(this.#names.challenges, this.#ownProofs);
    await this.#look();
    await wait(storage.isShared ? SHOWN_EVERYWHERE_MS : SHOWN_HERE_MS, signal);
    if (signal.aborted) throw new AcmeFailure('the order was given up');
  }

  /** Until it is lost or given up. An order that takes for ever, because every step of it takes long, is broken off. */
  async #keepLease(lease: { renew(): Promise<boolean> }, lost: AbortController): Promise<void> {
    for (let heldMs = 0; heldMs < LONGEST_ORDER_MS; heldMs += RENEW_LEASE_MS) {
      await this.#ports.wait(RENEW_LEASE_MS, lost.signal);
      if (lost.signal.aborted) return;
      if (!(await lease.renew().catch(() => false))) break;
    }
    lost.abort();
  }

  async #readAttempts(): Promise<void> {
    this.#attempts = readAttempts(await this.#ports.storage.read(this.#names.attempts));
  }

  async #writeAttempts(attempts: Attempts): Promise<void> {
    this.#attempts = attempts;
    await this.#ports.storage.write(this.#names.attempts, `${JSON.stringify(attempts)}\n`);
  }

  get #about(): object {
    return { domains: this.config.domains, directory: this.config.directory };
  }

  #allIsWell(): void {
    this.#problem = '';
  }

  /** Told once, until it is another problem. */
  #note(error: unknown): void {
    if (this.#over.signal.aborted) return;
    const problem = error instanceof Error ? error.message : String(error);
    if (problem === this.#problem) return;
    this.#problem = problem;
    const { state, expiresAtMs } = this.status;
    this.#ports.log.warn('a certificate cannot be fetched', { problem, state, expiresAtMs, ...this.#about });
  }
}
