import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef, useState } from 'react';

// The only file that knows uPlot.

/** A line of a chart. */
export interface ChartLine {
  readonly label: string;
  /** A custom property of the design system. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
}

/** Canvas knows no custom properties: the colour as it is computed now. */
function resolved(color: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${color})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** Lines over time. The same is said in words, for those who do not see it. */
export function Chart({
  label,
  times,
  lines,
  format,
  spanMs,
}: {
  readonly label: string;
  /** Milliseconds since 1970. */
  readonly times: readonly number[];
  /** How much time is shown, also where nothing is known of its beginning. */
  readonly spanMs: number;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = useThemeCount();
  const shape = `${theme}|${spanMs}|${lines.map((line) => line.label).join('|')}`;
  const latest = useRef({ times, lines, format, spanMs });
  latest.current = { times, lines, format, spanMs };

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const made = new uPlot(
      optionsFor(element, latest.current.lines, {
        format: (value) => latest.current.format(value),
        spanMs: latest.current.spanMs,
        onPoint: setPointed,
      }),
      dataOf(latest.current.times, latest.current.lines),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => plot.current?.setData(dataOf(times, lines)), [times, lines]);

  return (
    <figure>
      <div className="chart" ref={box} role="img" aria-label={`${label}. ${inWords(lines, format)}`} />
      <ul className="legend" aria-hidden="true">
        {lines.map((line) => (
          <li key={line.label}>
            <i style={{ ['--swatch' as string]: `var(${line.color})` }} />
            {line.label}
            <strong className="num">{valueAt(line, pointed, format)}</strong>
          </li>
        ))}
        {pointed !== null && times[pointed] !== undefined && (
          <li className="legend-time num">{clock(times[pointed] / 1000, 'withSeconds')}</li>
        )}
      </ul>
    </figure>
  );
}

/** What is pointed at, or else the last. */
function valueAt({ values }: ChartLine, index: number | null, format: (value: number) => string): string {
  const value = index === null ? values.at(-1) : values[index];
  return value === null || value === undefined ? '–' : format(value);
}

function inWords(lines: readonly ChartLine[], format: (value: number) => string): string {
  return lines
    .map(({ label, values }) => {
      const known = values.filter((value) => value !== null);
      const last = known.at(-1);
      return last === undefined
        ? `${label}: none yet`
        : `${label}: ${format(last)} now, ${format(Math.max(...known))} at most`;
    })
    .join('; ');
}

function dataOf(times: readonly number[], lines: readonly ChartLine[]): uPlot.AlignedData {
  return [times.map((time) => time / 1000), ...lines.map(({ values }) => [...values])] as uPlot.AlignedData;
}

function optionsFor(
  element: HTMLElement,
  lines: readonly ChartLine[],
  {
    format,
    spanMs,
    onPoint,
  }: {
    readonly format: (value: number) => string;
    readonly spanMs: number;
    /** Which moment is pointed at; null: none. */
    readonly onPoint: (index: number | null) => void;
  },
): uPlot.Options {
  const [ink, grid] = [resolved('--ink-3'), resolved('--grid')];
  const axis = {
    stroke: ink,
    font: '11px "Geist Variable", sans-serif',
    ticks: { show: false },
    grid: { stroke: grid, width: 1 },
  };
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    padding: [8, 8, 0, 0],
    cursor: { y: false, points: { size: 6 } },
    legend: { show: false },
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
    scales: {
      x: { range: (_plot, _first, last) => [last - spanMs / 1000, last] },
      y: { range: (_plot, _low, high) => [0, Math.max(high, 1e-3) * 1.12] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 80,
        values: (_plot, ticks) => ticks.map((tick) => clock(tick)),
      },
      { ...axis, size: 52, space: 34, values: (_plot, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ label, color, isFilled }) => ({
        label,
        stroke: resolved(color),
        width: 1.5,
        points: { show: false },
        ...(isFilled === true && { fill: `color-mix(in oklab, ${resolved(color)} 14%, transparent)` }),
      })),
    ],
  };
}

function clock(seconds: number, how?: 'withSeconds'): string {
  return new Date(seconds * 1000).toLocaleTimeString('en', {
    hour: '2-digit',
    minute: '2-digit',
    ...(how === 'withSeconds' && { second: '2-digit' }),
    hour12: false,
  });
}

/** Grows when colours change. */
function useThemeCount(): number {
  const [times, setTimes] = useState(0);
  useEffect(() => {
    const hear = (): void => setTimes((count) => count + 1);
    const system = matchMedia('(prefers-color-scheme: dark)');
    window.addEventListener('themechange', hear);
    system.addEventListener('change', hear);
    return () => {
      window.removeEventListener('themechange', hear);
      system.removeEventListener('change', hear);
    };
  }, []);
  return times;
}

/** A line without axes, beside a number that says what it is. */
export function Spark({
  values,
  most,
  color = '--chart-1',
}: {
  readonly values: readonly number[];
  /** How many values the whole width has; where fewer are known, the line begins later. */
  readonly most: number;
  readonly color?: string;
}) {
  if (values.length < 2) return <svg className="spark" aria-hidden="true" />;
  const high = Math.max(...values, 1e-9);
  const points = values.map((value, index) => {
    const x = 100 - ((values.length - 1 - index) / (Math.max(most, values.length) - 1)) * 100;
    return `${x.toFixed(2)},${(38 - (value / high) * 34).toFixed(2)}`;
  });
  return (
    <svg className="spark" viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">
      <polygon
        points={`${points[0]?.split(',')[0]},40 ${points.join(' ')} 100,40`}
        fill={`var(${color})`}
        opacity="0.1"
      />
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke={`var(${color})`}
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
