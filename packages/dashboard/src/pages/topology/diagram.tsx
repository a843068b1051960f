import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type { Topology } from '../../api/topology.ts';
import { hrefOf } from '../../router/location.ts';
import { Icon } from '../../ui/icons.tsx';
import { plural } from '../../ui/format.ts';
import { toneOf } from '../../ui/words.tsx';
import {
  type Box,
  endpointId,
  groupId,
  layOut,
  type Line,
  moreId,
  routeId,
  shownOf,
} from './diagram-layout.ts';
import type { Group } from './groups.ts';

/** Share of the width that a column begins at, and that its boxes have. */
const COLUMNS = [
  [0, 0.15],
  [0.22, 0.27],
  [0.565, 0.165],
  [0.8, 0.2],
] as const;
const HEADS = ['Listeners', 'Routes', 'Services', 'Endpoints'];

interface DiagramProps {
  readonly listeners: Topology['listeners'];
  readonly groups: readonly Group[];
  /** How many rows of a group are in sight. */
  readonly rowsOf: (group: Group) => number;
  readonly toggle: (group: Group) => void;
}

/** Boxes in four columns, with lines between them. What is near the pointer or has the focus shows its lines. */
export function Diagram({ listeners, groups, rowsOf, toggle }: DiagramProps) {
  const { boxes, lines, height } = useMemo(
    () => layOut(listeners, groups, rowsOf),
    [listeners, groups, rowsOf],
  );
  const [element, width] = useWidth();
  const [hot, setHot] = useState('');
  const hotLines = useMemo(() => lines.filter(({ from, to }) => from === hot || to === hot), [lines, hot]);
  const near = new Set(hotLines.flatMap(({ from, to }) => [from, to]));

  const node = (id: string, content: ReactNode, how: NodeHow = {}): ReactNode => {
    const box = boxes.get(id);
    if (box === undefined) return null;
    const props = {
      className: 'topo-node',
      'data-hot': near.has(id) || undefined,
      'data-big': how.isBig === true ? '' : undefined,
      title: how.title,
      style: styleOf(box, width, how.isBig === true),
      onMouseEnter: () => setHot(id),
      onMouseLeave: () => setHot(''),
      onFocus: () => setHot(id),
      onBlur: () => setHot(''),
    };
    if (how.onClick)
      return (
        <button key={id} type="button" {...props} onClick={how.onClick}>
          {content}
        </button>
      );
    return how.href === undefined ? (
      <span key={id} {...props}>
        {content}
      </span>
    ) : (
      <a key={id} {...props} href={how.href}>
        {content}
      </a>
    );
  };

  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Diagram">
      <div className="topo-heads" aria-hidden="true">
        {HEADS.map((head, column) => (
          <span key={head} style={{ left: `${(COLUMNS[column]?.[0] ?? 0) * 100}%` }}>
            {head}
          </span>
        ))}
      </div>
      <div className="topo" ref={element} style={{ height }}>
        <svg aria-hidden="true">
          {lines.map((line) => (
            <Edge key={`${line.from}~${line.to}`} line={line} boxes={boxes} width={width} isHot={false} />
          ))}
          {hotLines.map((line) => (
            <Edge key={`hot ${line.from}~${line.to}`} line={line} boxes={boxes} width={width} isHot />
          ))}
        </svg>
        {listeners.map(({ name, address, tls }) =>
          node(
            `listener:${name}`,
            <>
              <span className="truncate">{name}</span>
              <small>{tls ? 'TLS' : 'plain'}</small>
            </>,
            { isBig: true, title: address },
          ),
        )}
        {groups.map((group) => (
          <div
            key={groupId(group)}
            role="group"
            aria-label={group.name === null ? 'Answered by the gateway' : `Service ${group.name}`}
          >
            {shownOf(group.routes, rowsOf(group)).map(({ name, path, methods }) =>
              node(
                routeId(group, name),
                <>
                  <span className="truncate">{name}</span>
                  <small className="mono truncate">{path}</small>
                </>,
                { href: hrefOf(['routes', name]), title: `${methods.join(' ')} ${path}`.trim() },
              ),
            )}
            {more(group, 'routes', { rowsOf, toggle, node })}
            {group.name === null
              ? node(groupId(group), <span className="truncate">Gateway itself</span>, { isBig: true })
              : node(groupId(group), <ServiceLabel group={group} />, {
                  href: hrefOf(['services', group.name]),
                  isBig: true,
                })}
            {shownOf(group.endpoints, rowsOf(group)).map(({ url, state, isDraining }) =>
              node(
                endpointId(group, url),
                <>
                  <HealthIcon state={state} />
                  <span className="truncate mono">{url.replace(/^\w+:\/\//, '')}</span>
                  {(state !== 'up' || isDraining) && <small>{isDraining ? 'draining' : state}</small>}
                </>,
                { title: `${url}: ${state}` },
              ),
            )}
            {more(group, 'endpoints', { rowsOf, toggle, node })}
          </div>
        ))}
      </div>
    </div>
  );
}

interface NodeHow {
  readonly href?: string;
  readonly onClick?: () => void;
  readonly isBig?: boolean;
  readonly title?: string;
}

type MakeNode = (id: string, content: ReactNode, how: NodeHow) => ReactNode;

/** What stands for those that do not fit in. */
function more(
  group: Group,
  of: 'routes' | 'endpoints',
  { rowsOf, toggle, node }: Pick<DiagramProps, 'rowsOf' | 'toggle'> & { readonly node: MakeNode },
): ReactNode {
  const items: readonly object[] = group[of];
  const hidden = items.length - shownOf(items, rowsOf(group)).length;
  if (hidden === 0) return null;
  return node(
    moreId(group, of),
    plural(hidden, `${hidden < items.length ? 'more ' : ''}${of.slice(0, -1)}`),
    {
      onClick: () => toggle(group),
    },
  );
}

function ServiceLabel({ group }: { readonly group: Group }) {
  const up = group.endpoints.filter(({ state }) => toneOf(state) === 'ok').length;
  const all = group.endpoints.length;
  return (
    <>
      <HealthIcon state={up === all && all > 0 ? 'up' : up === 0 ? 'down' : 'degraded'} />
      <span className="truncate">{group.name}</span>
      <small>
        {up}/{all}
      </small>
    </>
  );
}

/** Health as a picture and a word. */
export function HealthIcon({ state }: { readonly state: string }) {
  const tone = toneOf(state);
  return (
    <span className={`tone-${tone}`} style={{ display: 'inline-flex' }}>
      <Icon name={tone === 'ok' ? 'ok' : tone === 'bad' ? 'bad' : 'warn'} />
      <span className="visually-hidden">{state}</span>
    </span>
  );
}

function styleOf({ column, y }: Box, width: number, isBig: boolean): React.CSSProperties {
  const [left, share] = COLUMNS[column];
  const half = isBig ? 20 : 14;
  return { left: left * width, width: share * width, top: y - half };
}

interface EdgeProps {
  readonly line: Line;
  readonly boxes: ReadonlyMap<string, Box>;
  readonly width: number;
  readonly isHot: boolean;
}

function Edge({ line: { from, to, isBroken }, boxes, width, isHot }: EdgeProps) {
  const [start, end] = [boxes.get(from), boxes.get(to)];
  if (start === undefined || end === undefined) return null;
  const [left, share] = COLUMNS[start.column];
  const [x1, x2] = [(left + share) * width, COLUMNS[end.column][0] * width];
  const bend = (x2 - x1) / 2;
  const d = `M${x1} ${start.y}C${x1 + bend} ${start.y} ${x2 - bend} ${end.y} ${x2} ${end.y}`;
  return <path d={d} data-hot={isHot} data-tone={isBroken ? 'bad' : undefined} />;
}

function useWidth(): readonly [React.RefObject<HTMLDivElement | null>, number] {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(1000);
  useEffect(() => {
    const box = element.current;
    if (box === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(box.clientWidth));
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
