import type { PlannedRoute } from './plan-route.ts';

/** Routes of one group (a host) and one path pattern. */
export type Bucket = {
  readonly host: string;
  readonly shape: number;
  /** Best first, once the table is built. */
  readonly routes: PlannedRoute[];
};

/** Routes by where they are looked for. */
export type TablePlan = {
  /** By host; in the order of their numbers, any host first. */
  readonly groups: Map<string, GroupPlan>;
  /** Numbers of shapes. */
  readonly shapes: Map<string, number>;
};

/** The routes of one host, of one `.suffix`, or (`''`) of any host. */
export type GroupPlan = {
  readonly host: string;
  readonly shapes: Set<number>;
  /** By canonical path. */
  readonly buckets: Map<string, Bucket>;
};

/** A plan without routes. */
export function newPlan(): TablePlan {
  const plan: TablePlan = { groups: new Map(), shapes: new Map() };
  groupOf('', plan);
  return plan;
}

function groupOf(host: string, { groups }: TablePlan): GroupPlan {
  const known = groups.get(host);
  if (known !== undefined) return known;
  const group = { host, shapes: new Set<number>(), buckets: new Map<string, Bucket>() };
  groups.set(host, group);
  return group;
}

/** Puts a route into the groups of its hosts. */
export function place(route: PlannedRoute, plan: TablePlan): void {
  const { shape, canonical } = route.pattern;
  const number = shapeNumber(shape, plan.shapes);
  for (const host of route.hosts) {
    const { buckets, shapes } = groupOf(host, plan);
    const bucket = buckets.get(canonical);
    if (bucket !== undefined) {
      bucket.routes.push(route);
      continue;
    }
    buckets.set(canonical, { host, shape: number, routes: [route] });
    shapes.add(number);
  }
}

function shapeNumber(shape: string, numbers: Map<string, number>): number {
  const known = numbers.get(shape);
  if (known !== undefined) return known;
  const number = numbers.size;
  numbers.set(shape, number);
  return number;
}
