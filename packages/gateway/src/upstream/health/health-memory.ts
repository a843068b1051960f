import type { EndpointCondition, EjectionReason, FailureKind, Probe } from '../../core/endpoint-health.ts';

/** What health needs of the shared memory of endpoints: `EndpointStates`, which says what its methods do. */
export interface HealthMemory {
  readonly ejections: EjectionMemory;
  isDown(slot: number, nowMs: number): boolean;
  isCheckedDown(slot: number): boolean;
  setChecked(slot: number, isUp: boolean): void;
  condition(slot: number, nowMs: number): EndpointCondition;
  warmUp(slot: number, nowMs: number): void;
  readmit(slot: number, nowMs: number): void;
  view(slot: number): EndpointCounts;
}

/** Answers of an endpoint so far, and what happened to it. Counts wrap at 2³². */
export interface EndpointCounts {
  readonly ok: number;
  readonly failed: number;
  readonly ejection: {
    readonly isEjected: boolean;
    readonly ejectedAtMs: number;
    readonly ejectedUntilMs: number;
    readonly ejections: number;
    readonly reason: EjectionReason | null;
    readonly lastFailure: FailureKind | null;
    readonly failures: number;
    readonly generation: number;
  };
}

/** The part of it that is about ejections. */
export interface EjectionMemory {
  isEjected(slot: number): boolean;
  failed(slot: number, kind: FailureKind): number;
  succeeded(slot: number): void;
  alone(decide: () => boolean): boolean;
  eject(
    slot: number,
    untilMs: number,
    cause: { readonly nowMs: number; readonly reason: EjectionReason },
  ): boolean;
  beginProbe(slot: number, nowMs: number, untilMs: number): Probe;
  prove(slot: number, probe: Probe): boolean;
  disprove(slot: number, probe: Probe, times: { readonly nowMs: number; readonly untilMs: number }): boolean;
  release(slot: number, probe: Probe, nowMs: number): void;
  nextMultiplier(slot: number): number;
  forgive(slot: number): void;
  endBefore(slot: number, latestMs: number): void;
}

/** An endpoint of a service, as far as ejections go. */
export interface EjectableEndpoint {
  readonly slot: number;
  readonly weight: number;
  readonly isDraining: boolean;
}
