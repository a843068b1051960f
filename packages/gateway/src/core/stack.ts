import type { Handler, Wrapper } from './exchange.ts';

/** A pipeline under construction, outermost stage first. */
export interface Stack {
  /** Adds a stage inside the ones before; null is a stage that the route does not have. */
  through(stage: Wrapper | null): Stack;
  /** Closes the stack with what answers in the end. */
  to(handler: Handler): Handler;
}

/** Puts something around a stage that watches it. Places count from 0, with the stages that the route does not have. */
export type WatchStage = (place: number, stage: Wrapper) => Wrapper;

/** Begins a pipeline: reading order is running order. With a watch, every stage is watched, and what answers in the end. */
export function stack(watch: WatchStage = unwatched): Stack {
  return building(watch, [], 0);
}

function building(watch: WatchStage, stages: readonly Wrapper[], place: number): Stack {
  return {
    through: (stage) =>
      building(watch, stage === null ? stages : [...stages, watch(place, stage)], place + 1),
    to: (handler) => stages.reduceRight((next, stage) => stage(next), watch(place, () => handler)(handler)),
  };
}

const unwatched: WatchStage = (_, stage) => stage;
