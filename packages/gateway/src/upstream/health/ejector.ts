import type { OutlierDetectionConfig } from '@turnpike/config';
import type { EjectionReason, Probe } from '../../core/endpoint-health.ts';
import type { Random } from '../../core/random.ts';
import type { EjectableEndpoint, HealthMemory } from './health-memory.ts';

/** Puts endpoints of one service out, as far as the others can bear it. */
export interface Ejector {
  /** False if it is ejected already, or must not be: too many are, or nobody would be left. */
  readonly eject: (slot: number, nowMs: number, reason: EjectionReason) => boolean;
  /** It failed its probe: it stays out, for longer. */
  readonly ejectAgain: (slot: number, nowMs: number, probe: Probe) => void;
}

/** What an ejector works with. */
export interface EjectorPorts {
  readonly memory: HealthMemory;
  readonly random: Random;
}

/** Endpoints that went out together come back one by one: by so much their times differ. */
const JITTER = 0.1;

/**
 * At most `maxEjectedPercent` of the endpoints are ejected at once, one may always be, and the last that is in use never.
 *
 * An ejection takes `ejectMs` × the number of those before it and one, give or take 10 %, and never more than
 * `maxEjectMs`. Endpoints that are drained count neither way: nobody picks them.
 */
export function ejector(
  rules: OutlierDetectionConfig,
  members: readonly EjectableEndpoint[],
  { memory, random }: EjectorPorts,
): Ejector {
  const { ejections } = memory;
  const slots = members.filter(({ weight, isDraining }) => weight > 0 && !isDraining).map(({ slot }) => slot);
  const mostEjected = Math.max(1, Math.floor((slots.length * rules.maxEjectedPercent) / 100));

  const mayEject = (slot: number, nowMs: number): boolean => {
    const others = slots.filter((other) => other !== slot);
    if (others.length === slots.length) return false;
    const ejected = others.filter((other) => ejections.isEjected(other));
    const isLast = others.every((other) => ejections.isEjected(other) || memory.isDown(other, nowMs));
    return !isLast && ejected.length < mostEjected;
  };

  const untilMs = (slot: number, nowMs: number): number => {
    const jitter = 1 - JITTER + 2 * JITTER * random.unit();
    const lengthMs = rules.ejectMs * ejections.nextMultiplier(slot);
    return nowMs + Math.min(lengthMs, rules.maxEjectMs / (1 + JITTER)) * jitter;
  };

  return {
    eject(slot, nowMs, reason) {
      if (ejections.isEjected(slot)) return false;
      return ejections.alone(
        () => mayEject(slot, nowMs) && ejections.eject(slot, untilMs(slot, nowMs), { nowMs, reason }),
      );
    },
    ejectAgain(slot, nowMs, probe) {
      ejections.disprove(slot, probe, { nowMs, untilMs: untilMs(slot, nowMs) });
    },
  };
}
