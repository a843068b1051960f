/** A size as the configuration would write it: `10MiB`, `1500B`. */
export function bytesText(bytes: number): string {
  const units = ['GiB', 'MiB', 'KiB'];
  for (const [index, unit] of units.entries()) {
    const size = 1024 ** (units.length - index);
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}

/** A size as people read it: `1.2 MiB`. */
export function roughBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** A duration as people read it, in its two largest units: `3m 5s`; behind a minus if it is over. */
export function roughSeconds(seconds: number): string {
  const whole = Math.abs(Math.trunc(seconds));
  const counts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ];
  const first = counts.findIndex(([count]) => count > 0);
  if (first < 0) return '0s';
  const parts = counts.slice(first, first + 2).filter(([count]) => count > 0);
  return (seconds < 0 ? '-' : '') + parts.map(([count, unit]) => `${count}${unit}`).join(' ');
}

/** A duration as the configuration would write it: `1m`, `1500ms`. */
export function durationText(ms: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ];
  const fitting = units.find(([, size]) => ms >= size && ms % size === 0);
  return fitting === undefined ? `${ms}ms` : `${ms / fitting[1]}${fitting[0]}`;
}
