/** Runs jobs one after the other, in the order in which they came. A job that fails does not stop the next. */
export function oneAtATime(): <T>(job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const result = last.then(job, job);
    last = result.catch(() => {}); // the caller of that job was told
    return result;
  };
}

/**
 * Turns a job into one that never runs twice at once. Calls that come while it runs share one more run afterwards,
 * which sees everything that was there when they came.
 */
export function coalesced<Argument, Result>(
  job: (argument: Argument) => Promise<Result>,
): (argument: Argument) => Promise<Result> {
  let running: Promise<unknown> | null = null;
  let next: Promise<Result> | null = null;
  const run = (argument: Argument): Promise<Result> => {
    const result = job(argument);
    const over = result
      .catch(() => {}) // the callers are told
      .then(() => {
        if (running === over) running = null;
      });
    running = over;
    return result;
  };
  return (argument) => {
    if (running === null) return run(argument);
    next ??= running.then(() => {
      next = null;
      return run(argument);
    });
    return next;
  };
}
