import type { HealthCheckConfig } from '@turnpike/config';
import { NO_PROBE } from '../../core/endpoint-health.ts';
import type { Clock } from '../../core/ports.ts';
import type { Random } from '../../core/random.ts';
import { tlsOf, type UpstreamTls } from '../../core/upstream-tls.ts';
import { OWN_SHORTAGE } from './check-problem.ts';
import { boundedCheck, type CheckTimers } from './bounded-check.ts';
import { afterCheck, UNCHECKED, type CheckStreak } from './check-streak.ts';
import { check as realCheck, type Check } from './checks.ts';
import type { HealthMemory } from './health-memory.ts';

/** An endpoint that is checked. */
export interface CheckedMember {
  readonly slot: number;
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** A service and its endpoints as they are now. */
export interface CheckedService {
  readonly id: string;
  /** Null: not checked. */
  readonly health: HealthCheckConfig | null;
  readonly upstreamTls: UpstreamTls;
  readonly members: readonly CheckedMember[];
}

/** What the checks have shown of an endpoint. */
export interface CheckStatus {
  readonly service: string;
  readonly url: string;
  readonly state: CheckStreak['state'];
  /** Milliseconds since 1970; null: not yet. */
  readonly checkedAtMs: number | null;
  /** What was wrong at the last check, or null. */
  readonly problem: string | null;
}

/** What checks work with. */
export interface HealthCheckPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly memory: HealthMemory;
  readonly timers: CheckTimers;
  /** Hears of every check; `problem` is null when it succeeded. */
  readonly onResult: (service: string, problem: string | null) => void;
  /** Hears when an endpoint is down or up again. */
  readonly onChange: (endpoint: { service: string; url: string }, problem: string | null) => void;
  readonly check?: Check;
}

const MOST_AT_ONCE = 64;
/** The longest until an endpoint is looked at for the first time, unless so many are that they have to wait. */
const FIRST_WITHIN_MS = 1000;
/** Checks of many gateways, and of many endpoints, must not beat in time. */
const JITTER = 0.2;

/** One endpoint, from when it is known until it is gone. */
interface Target {
  readonly service: string;
  readonly member: CheckedMember;
  config: HealthCheckConfig;
  tls: UpstreamTls | null;
  streak: CheckStreak;
  checkedAtMs: number | null;
  problem: string | null;
  /** Calls off what comes next: the check that is due, or the one that is under way. */
  callOff: () => void;
}

/**
 * Checks endpoints, once a process for all threads. What they show goes to shared memory, where every thread sees it.
 *
 * A success does not end an ejection, which real requests have earned. But when the time of one is over, it is as good as the
 * one request that would tell.
 */
export class HealthChecks {
  readonly #ports: HealthCheckPorts;
  readonly #check: Check;
  #targets = new Map<string, Target>();
  readonly #waiting = new Set<Target>();
  #underWay = 0;

  constructor(ports: HealthCheckPorts) {
    this.#ports = ports;
    this.#check = ports.check ?? realCheck;
  }

  /** Takes all services as they are now. What is known of endpoints that stay is kept. */
  use(services: readonly CheckedService[]): void {
    const before = this.#targets;
    this.#targets = new Map();
    const begun: Target[] = [];
    for (const { id, health, members, upstreamTls } of services) {
      for (const member of health === null ? [] : members) {
        const key = `${member.url} ${member.slot} ${id}`;
        if (health === null || this.#targets.has(key)) continue;
        const known = before.get(key);
        before.delete(key);
        const target = known ?? newTarget(id, member, health);
        this.#targets.set(key, target);
        if (known === undefined || !isSame(known.config, health)) begun.push(target);
        target.config = health;
        target.tls = tlsOf(upstreamTls, member.url);
      }
    }
    for (const target of before.values()) this.#drop(target);
    for (const target of begun) this.#begin(target);
  }

  get status(): CheckStatus[] {
    return Array.from(this.#targets.values(), ({ service, member, streak, checkedAtMs, problem }) => ({
      service,
      url: member.url,
      state: streak.state,
      checkedAtMs,
      problem,
    }));
  }

  close(): void {
    this.use([]);
  }

  /** Nobody checks it any more, so nothing is known of it. */
  #drop(target: Target): void {
    this.#callOff(target);
    this.#ports.memory.setChecked(target.member.slot, true);
  }

  #begin(target: Target): void {
    this.#callOff(target);
    const { random } = this.#ports;
    this.#after(target, Math.min(FIRST_WITHIN_MS, target.config.intervalMs) * random.unit());
  }

  #callOff(target: Target): void {
    this.#waiting.delete(target);
    target.callOff();
    target.callOff = nothing;
  }

  #after(target: Target, ms: number): void {
    target.callOff = this.#ports.timers.after(ms, () => {
      target.callOff = nothing;
      this.#waiting.add(target);
      this.#next();
    });
  }

  /** Starts those that wait, as far as there is room. */
  #next(): void {
    for (const target of this.#waiting) {
      if (this.#underWay >= MOST_AT_ONCE) return;
      this.#waiting.delete(target);
      this.#run(target);
    }
  }

  #run(target: Target): void {
    const { member, config, tls } = target;
    const { host, port } = member;
    const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const order = { place: { host, port: config.port ?? port, authority, tls }, config };
    this.#underWay++;
    const callOff = boundedCheck({ check: this.#check, timers: this.#ports.timers }, order, (problem) => {
      this.#underWay--;
      this.#took(target, problem);
      this.#next();
    });
    target.callOff = () => {
      callOff();
      this.#underWay--;
      this.#next();
    };
  }

  #took(target: Target, problem: string | null): void {
    const { clock, random, memory, onResult, onChange } = this.#ports;
    const { service, member, config, streak } = target;
    target.callOff = nothing;
    target.problem = problem;
    target.checkedAtMs = clock.epoch();
    target.streak = problem === OWN_SHORTAGE ? streak : afterCheck(streak, problem === null, config);
    onResult(service, problem);
    if (problem === null) this.#mayReadmit(member.slot);
    const isDown = target.streak.state === 'down';
    if (isDown !== (streak.state === 'down')) {
      memory.setChecked(member.slot, !isDown);
      if (!isDown) memory.warmUp(member.slot, clock.now());
      onChange({ service, url: member.url }, isDown ? problem : null);
    }
    this.#after(target, config.intervalMs * (1 - JITTER + 2 * JITTER * random.unit()));
  }

  #mayReadmit(slot: number): void {
    const { memory, clock } = this.#ports;
    const nowMs = clock.now();
    const probe = memory.ejections.beginProbe(slot, nowMs, nowMs);
    if (probe !== NO_PROBE && memory.ejections.prove(slot, probe)) memory.warmUp(slot, nowMs);
  }
}

function newTarget(service: string, member: CheckedMember, config: HealthCheckConfig): Target {
  return {
    service,
    member,
    config,
    tls: null,
    streak: UNCHECKED,
    checkedAtMs: null,
    problem: null,
    callOff: nothing,
  };
}

function isSame(one: HealthCheckConfig, other: HealthCheckConfig): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function nothing(): void {}
