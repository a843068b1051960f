import type { Question } from './question.ts';
import type { Verdict } from './verdict.ts';

/** A question that is under way. */
export interface Asked {
  /** Nobody wants the answer any more. `late`: because it did not come in time. */
  abandon(why: 'unwanted' | 'late'): void;
}

/** How a decision point is reached. */
export interface DecisionClient {
  /** Asks; `answered` is called once, unless the question is abandoned before. */
  ask(question: Question, answered: (verdict: Verdict) => void): Asked;
  /** Nothing is to be asked in the near future: connections that nobody uses are closed. */
  close(): void;
}
