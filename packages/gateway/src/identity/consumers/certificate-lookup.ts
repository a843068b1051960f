import type { Authentication, Identity } from '../../core/identity.ts';
import type { Clock } from '../../core/ports.ts';
import { certificateFacts, type CertificateFacts } from '../client-certificate-facts.ts';
import { refused } from '../refusals.ts';
import type { CertificateData } from './compile-consumers.ts';
import { identified, type IdentityOf } from './consumer-identity.ts';
import type { Lookup } from './consumers.ts';

/** A certificate that was read, and whose it is. */
interface Known {
  readonly facts: CertificateFacts;
  readonly identity: Identity | null;
}

/**
 * Finds consumers by client certificate. Where several rules fit, one with a fingerprint goes before one with an
 * alternative name, and that before one with a subject only; of those alike, the first in the configuration.
 */
export function certificateLookup(
  certificates: readonly CertificateData[],
  identityOf: IdentityOf,
  clock: Clock,
): Lookup<Uint8Array> {
  const rules = new RuleIndex(certificates);
  /** As long as somebody has the certificate itself. */
  const known = new WeakMap<Uint8Array, Known>();

  return {
    isUsed: certificates.length > 0,
    recall(der) {
      const it = known.get(der);
      return it === undefined || validity(it.facts, clock) !== 'valid' ? null : it.identity;
    },
    find(der) {
      const it = known.get(der) ?? look(der, rules, identityOf);
      if (it === null) return Promise.resolve(MALFORMED);
      known.set(der, it);
      return Promise.resolve(verdict(it, clock));
    },
  };
}

const MALFORMED: Authentication = refused('malformed', 'The client certificate cannot be read.');
const UNKNOWN: Authentication = refused('unknown', 'The client certificate is not known.');
const EXPIRED: Authentication = refused('expired', 'The client certificate has expired.');
const NOT_YET_VALID: Authentication = refused('not-yet-valid', 'The client certificate is not valid yet.');

function look(der: Uint8Array, rules: RuleIndex, identityOf: IdentityOf): Known | null {
  const facts = certificateFacts(der);
  if (facts === null) return null;
  const rule = rules.ruleFor(facts);
  return { facts, identity: rule === null ? null : identityOf(rule.consumer, 'certificate', endMs(facts)) };
}

function verdict({ facts, identity }: Known, clock: Clock): Authentication {
  if (identity === null) return UNKNOWN;
  const state = validity(facts, clock);
  if (state === 'valid') return identified(identity);
  return state === 'expired' ? EXPIRED : NOT_YET_VALID;
}

function validity(facts: CertificateFacts, clock: Clock) {
  const nowMs = clock.epoch();
  if (nowMs < facts.validFromMs) return 'not-yet-valid';
  return nowMs < endMs(facts) ? 'valid' : 'expired';
}

/** The last second still counts (RFC 5280 §4.1.2.5). */
function endMs({ validToMs }: CertificateFacts): number {
  return validToMs + 1000;
}

/** Rules by the most telling thing that they ask for, so that their number does not matter. */
class RuleIndex {
  readonly #byFact = new Map<string, CertificateData[]>();

  constructor(rules: readonly CertificateData[]) {
    for (const rule of rules) {
      const fact = rule.fingerprint ?? rule.san ?? rule.subject ?? '';
      const others = this.#byFact.get(fact);
      if (others === undefined) this.#byFact.set(fact, [rule]);
      else others.push(rule);
    }
  }

  ruleFor(facts: CertificateFacts): CertificateData | null {
    const { fingerprint, names, subject } = facts;
    for (const fact of [fingerprint, ...names, ...(subject === null ? [] : [subject])]) {
      const rule = this.#byFact.get(fact)?.find((one) => holds(one, facts));
      if (rule !== undefined) return rule;
    }
    return null;
  }
}

function holds({ subject, san, fingerprint }: CertificateData, facts: CertificateFacts): boolean {
  if (fingerprint !== null && fingerprint !== facts.fingerprint) return false;
  if (subject !== null && subject !== facts.subject) return false;
  return san === null || (facts.names.includes(san) && (!isSpiffeId(san) || hasOneUri(facts)));
}

function isSpiffeId(san: string): boolean {
  return san.startsWith('uri:spiffe://');
}

/** A certificate with more URIs is no SPIFFE identity at all (X509-SVID §2). */
function hasOneUri({ names }: CertificateFacts): boolean {
  return names.filter((name) => name.startsWith('uri:')).length === 1;
}
