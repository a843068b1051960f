import type { Paint } from './terminal.ts';

/** What comes: a line of the access log, or how many there is none of. */
export interface TailEntry {
  readonly dropped?: number;
  readonly time?: string;
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly status?: number;
  readonly durationMs?: number;
  readonly route?: string;
  readonly endpoint?: string;
  readonly attempts?: number;
  readonly code?: string;
  readonly client?: string;
}

/** An entry for people. Clients choose parts of it, so nothing of it moves the cursor. */
export function tailLine(
  entry: TailEntry,
  paint: Paint,
): { readonly dropped: number; readonly text: string } {
  const { dropped = 0, time = '', method = '', host = '', path = '', status = 0, durationMs = 0 } = entry;
  const { route = '', endpoint = '', attempts = 0, code = '', client = '' } = entry;
  const parts = [
    paint('dim', time.slice(11, 23)),
    paint(colourOf(status), String(status)),
    `${durationMs.toFixed(1).padStart(7)} ms`,
    client,
    paint('bold', plain(method)),
    plain(`${host}${path}`),
    paint(
      'dim',
      [`→ ${route === '' ? 'no route' : route}`, endpoint].filter((part) => part !== '').join(' '),
    ),
    attempts > 1 ? `${attempts} attempts` : '',
    code === '' ? '' : paint('yellow', code),
  ];
  return { dropped, text: parts.filter((part) => part !== '').join('  ') };
}

function colourOf(status: number): 'red' | 'yellow' | 'green' {
  if (status >= 500) return 'red';
  return status >= 400 ? 'yellow' : 'green';
}

/** Without characters that a terminal would obey. */
function plain(text: string): string {
  return text.replaceAll(/\p{C}/gu, '\u{fffd}');
}
