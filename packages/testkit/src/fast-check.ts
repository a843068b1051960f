// Properties of tests. What they make up is the same in every run, so that none fails by chance; `npm run fuzz` begins elsewhere.
import * as fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? 1) });

export * from 'fast-check';
