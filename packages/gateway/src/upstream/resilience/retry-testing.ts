import type { RetryConfig } from '@turnpike/config';

/** For tests: once more, after what ended without an answer. */
export const ONE_RETRY: RetryConfig = {
  mode: 'on',
  attempts: 2,
  on: ['connect-failure', 'reset'],
  perTryMs: null,
  budgetPercent: 20,
  bodyBytes: 64 * 1024,
  methods: [],
};
