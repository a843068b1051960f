import type { Handler } from '../../core/exchange.ts';
import type { Random } from '../../core/random.ts';

/** One of the services that share a route. */
export interface Side {
  readonly service: string;
  readonly weight: number;
  readonly handler: Handler;
}

/** Chooses a side, as often as its weight says. At least one must have a weight. */
export function chosenByWeight(sides: readonly Side[], random: Random): () => Side {
  const weighted = sides.filter(({ weight }) => weight > 0);
  const [first] = weighted;
  if (first === undefined) throw new Error('No side has a weight');
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  return () => {
    let left = random.unit() * total;
    for (const side of weighted) {
      left -= side.weight;
      if (left < 0) return side;
    }
    return first;
  };
}
