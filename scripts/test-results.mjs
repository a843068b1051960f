// A reporter of node:test: writes what came out as one JSON document, for `test.mjs` to read.

/* oxlint-disable import/no-default-export -- that is what a reporter has to be */

/** @param {AsyncIterable<{ type: string, data: any }>} events */
export default async function* testResults(events) {
  const results = { passed: 0, failed: 1, skipped: 0, todo: 0, skips: [] };
  for await (const { type, data } of events) {
    if (type === 'test:pass' && data.skip !== undefined) {
      results.skips.push({ name: data.name, file: data.file, reason: data.skip });
    }
    // There is one summary for each file too; that of the whole run names none.
    if (type !== 'test:summary' || data.file !== undefined) continue;
    const { passed, failed, cancelled, skipped, todo } = data.counts;
    // A suite that breaks outside its tests is in no count.
    const broken = data.success ? 0 : 1;
    Object.assign(results, { passed, failed: Math.max(failed + cancelled, broken), skipped, todo });
  }
  yield JSON.stringify(results);
}
