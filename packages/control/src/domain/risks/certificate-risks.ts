import { certificatesFor, type GatewayConfig, type NamedCertificateConfig } from '@turnpike/config';
import type { Risk } from '../revisions.ts';
import { isSame, type Pair, tell } from './rule.ts';

const DAY_MS = 86_400_000;
/** From so many days before the end on, it is a risk to begin with a certificate. */
const SOON_DAYS = 30;

/** What clients notice of other certificates: names that none has any more, and those that another one answers for. */
export function certificateRisks({ before, after }: Pair<GatewayConfig>, nowMs: number): Risk[] {
  if (isSame(before.certificates, after.certificates) && isSame(before.listeners, after.listeners)) return [];
  const [lost, taken] = [new Map<string, string[]>(), new Set<string>()];
  const still = new Set(after.listeners.flatMap(({ id, tls }) => (tls === null ? [] : [id])));
  const is = shownNames(after);
  for (const [listener, names] of shownNames(before)) {
    for (const [name, certificate] of still.has(listener) ? names : []) {
      const next = holderOf(name, is.get(listener));
      if (next === null) lost.set(certificate, [...(lost.get(certificate) ?? []), name]);
      else if (next !== certificate) taken.add(certificate);
    }
  }
  const hosts = [...new Set([...lost.values()].flat())];
  const who = `${hosts.slice(0, MAX_HOSTS).join(', ')}${hosts.length > MAX_HOSTS ? ', …' : ''}`;
  return [
    ...tell({
      code: 'CERTIFICATE_MISSING',
      level: 'high',
      what: 'certificate',
      says: [
        `is shown no more, and no other one has its names: ${who}`,
        `are shown no more, and no others have their names: ${who}`,
      ],
      names: [...lost.keys()],
    }),
    ...tell({
      code: 'CERTIFICATE_TAKEN_OVER',
      level: 'medium',
      what: 'certificate',
      says: ['gives names to another one', 'give names to others'],
      names: [...taken].filter((one) => !lost.has(one)),
    }),
    ...tell({
      code: 'CERTIFICATE_EXPIRES',
      level: 'medium',
      what: 'certificate',
      says: [`ends in less than ${SOON_DAYS} days`, `end in less than ${SOON_DAYS} days`],
      names: freshIn({ before, after })
        .filter(({ expiresAtMs }) => expiresAtMs < nowMs + SOON_DAYS * DAY_MS)
        .map(nameOf),
    }),
  ];
}

/** Those that are new or other than before. */
export function freshIn({
  before,
  after,
}: Pair<Pick<GatewayConfig, 'certificates'>>): NamedCertificateConfig[] {
  const known = new Map(before.certificates.map((one) => [one.id, one]));
  return after.certificates.filter((one) => known.get(one.id)?.certificate !== one.certificate);
}

const MAX_HOSTS = 5;

function nameOf({ id }: { readonly id: string }): string {
  return `certificates.${id}`;
}

/** By listener: which certificate answers for which name. */
function shownNames(config: GatewayConfig): Map<string, Map<string, string>> {
  return new Map(
    config.listeners.map((listener) => {
      const own = (listener.tls?.certificates ?? []).map((one) => ({
        names: one.kind === 'files' ? one.names : one.domains,
        by: `listeners.${listener.id}`,
      }));
      const named = certificatesFor(listener, config).map((one) => ({ names: one.names, by: nameOf(one) }));
      const names = new Map<string, string>();
      for (const { names: all, by } of [...own, ...named])
        for (const name of all) if (!names.has(name)) names.set(name, by);
      return [listener.id, names];
    }),
  );
}

/** A star stands for one label (RFC 9525 §6.3). */
function holderOf(name: string, names: ReadonlyMap<string, string> = new Map()): string | null {
  return names.get(name) ?? names.get(`*${name.slice(name.indexOf('.'))}`) ?? null;
}
