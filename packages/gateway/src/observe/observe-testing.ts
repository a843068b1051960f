/** For tests: waits until a claim holds, five seconds at most. */
export async function until(claim: () => boolean): Promise<void> {
  for (let waitedMs = 0; !claim(); waitedMs += 5) {
    if (waitedMs > 5000) throw new Error(`never came true: ${claim.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
