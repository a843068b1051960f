import type { Handler, Wrapper } from './exchange.ts';

/** A pipeline under construction, outermost stage first. */
export interface Stack {
  /** Adds a stage inside the ones before; null is a stage that the route does not have. */
  through(stage: Wrapper | null): Stack;
  /** Closes the stack with what answers in the end. */
  to(handler: Handler): Handler;
}

/** Begins a pipeline: reading order is running order. */
export function stack(stages: readonly Wrapper[] = []): Stack {
  return {
    through: (stage) => (stage === null ? stack(stages) : stack([...stages, stage])),
    to: (handler) => stages.reduceRight((next, stage) => stage(next), handler),
  };
}
