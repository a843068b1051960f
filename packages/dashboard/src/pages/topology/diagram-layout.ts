import type { Topology } from '../../api/topology.ts';
import type { Group } from './groups.ts';

/** A box of the picture; `y` is its middle. */
export interface Box {
  readonly id: string;
  readonly column: 0 | 1 | 2 | 3;
  readonly y: number;
}

/** A line between two boxes. */
export interface Line {
  readonly from: string;
  readonly to: string;
  readonly isBroken: boolean;
}

/** The whole picture. */
export interface Layout {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly lines: readonly Line[];
  readonly height: number;
}

const ROW = 36;
const GAP = 20;
const MANY = 60;
const MOST = 300;
const FEW = 4;
/** Boxes of services are higher than their rows. */
const EDGE = 4;

/** How many rows of a group that is folded are in sight: few, and where there are many routes, none. */
export function foldedRows(groups: readonly Group[]): number {
  const routes = groups.reduce((sum, group) => sum + group.routes.length, 0);
  return routes > MANY ? 0 : FEW;
}

/** The same of one that is open: all that a page can bear, and the search finds the others. */
export function openRows(groups: readonly Group[]): number {
  return Math.max(FEW, Math.floor(MOST / Math.max(1, groups.length)));
}

/** What of a group is in sight. One more is never hidden, because its place is taken anyway. */
export function shownOf<T>(items: readonly T[], rows: number): readonly T[] {
  return items.length <= rows + 1 ? items : items.slice(0, rows);
}

/** Names of boxes, so that lines can find their ends. */
export const groupId = ({ name }: Group): string => `service:${name ?? ''}`;
export const routeId = (group: Group, name: string): string => `${groupId(group)}|${name}`;
export const endpointId = (group: Group, url: string): string => `${groupId(group)}>${url}`;
export const moreId = (group: Group, of: 'routes' | 'endpoints'): string => `${groupId(group)}+${of}`;

/** Where everything is drawn: groups below each other, what is in them in rows, and the listeners in the middle of all. */
export function layOut(
  listeners: Topology['listeners'],
  groups: readonly Group[],
  rowsOf: (group: Group) => number,
): Layout {
  const boxes = new Map<string, Box>();
  const lines: Line[] = [];
  let top = 0;
  for (const group of groups) {
    const routes = shownOf(group.routes, rowsOf(group));
    const endpoints = shownOf(group.endpoints, rowsOf(group));
    const left = [
      ...routes.map(({ name }) => routeId(group, name)),
      ...(routes.length < group.routes.length ? [moreId(group, 'routes')] : []),
    ];
    const right = [
      ...endpoints.map(({ url }) => endpointId(group, url)),
      ...(endpoints.length < group.endpoints.length ? [moreId(group, 'endpoints')] : []),
    ];
    const rows = Math.max(left.length, right.length, 1);
    const middle = top + (rows * ROW) / 2;
    const place = (ids: readonly string[], column: 1 | 3): void => {
      const start = middle - (ids.length * ROW) / 2 + ROW / 2;
      for (const [index, id] of ids.entries()) boxes.set(id, { id, column, y: start + index * ROW });
    };
    place(left, 1);
    place(right, 3);
    boxes.set(groupId(group), { id: groupId(group), column: 2, y: middle });
    for (const id of left) lines.push({ from: id, to: groupId(group), isBroken: false });
    const broken = new Set(
      group.endpoints
        .filter(({ state }) => state !== 'up')
        .map((one) => (endpoints.includes(one) ? endpointId(group, one.url) : moreId(group, 'endpoints'))),
    );
    for (const id of right) lines.push({ from: groupId(group), to: id, isBroken: broken.has(id) });
    for (const { name } of listeners) {
      for (const route of routes)
        if (takes(name, route.listeners))
          lines.push({ from: `listener:${name}`, to: routeId(group, route.name), isBroken: false });
      const hidden = group.routes.slice(routes.length);
      if (hidden.some((route) => takes(name, route.listeners)))
        lines.push({ from: `listener:${name}`, to: moreId(group, 'routes'), isBroken: false });
    }
    top += rows * ROW + GAP;
  }
  const height = Math.max(top - GAP, ROW * 2) + EDGE;
  const step = Math.min(70, height / Math.max(1, listeners.length));
  // In sight at once, however long the picture is.
  const start = Math.min(height / 2, 220) - (Math.min(listeners.length - 1, 5) * step) / 2;
  for (const [index, { name }] of listeners.entries())
    boxes.set(`listener:${name}`, { id: `listener:${name}`, column: 0, y: start + index * step });
  return { boxes, lines, height };
}

/** Whether a route listens there; one that names no listener does everywhere. */
function takes(listener: string, own: readonly string[]): boolean {
  return own.length === 0 || own.includes(listener);
}
