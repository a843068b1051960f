import type { TraceView } from '../gateway.ts';
import { candidateRow } from './explanation.ts';
import { alignColumns } from './table.ts';
import type { Output, Paint } from './terminal.ts';

type Step = TraceView['steps'][number];

/** Shows what became of a request in the order of `explain`: what came, who was considered, what each stage did, where it went. */
export function printTrace(trace: TraceView, output: Output): void {
  const { paint, isTerminal } = output;
  output.print(...titled(factRows(trace, paint), paint));
  if (trace.candidates.length > 0) {
    const rows = trace.candidates.map((candidate) => candidateRow(candidate, { paint, isTerminal }));
    output.print('', paint('bold', 'routes considered, most specific first'), ...alignColumns(rows, '  '));
  }
  if (trace.steps.length > 0) {
    const rows = trace.steps.map((step) => stepRow(step, paint));
    output.print('', paint('bold', 'stages, as they ran'), ...alignColumns(rows, '  '));
  }
  const attempts = attemptRows(trace.upstream);
  if (attempts.length > 0) output.print('', ...titled(attempts, paint));
}

function factRows({ request, route, reply }: TraceView, paint: Paint): string[][] {
  const { status, code, durationMs, answeredBy, rule, place } = reply;
  const rows = [
    ['request', `${paint('bold', request.method)} ${request.path}`],
    ['', paint('dim', `host ${request.host}, listener ${request.listener}, id ${request.id}`)],
    [
      'route',
      route.id === '' ? 'none' : `${paint(['bold', 'green'], route.id)}  ${paint('dim', route.place)}`,
    ],
    ['reply', [paint('bold', String(status)), code, `${durationMs.toFixed(1)} ms`].filter(isSaid).join(' ')],
  ];
  const made = [answeredBy === '' ? '' : `by ${answeredBy}`, rule, place].filter(isSaid);
  if (code !== '' && made.length > 0) rows.push(['made', made.join(', ')]);
  return rows;
}

function stepRow({ stage, verdict, status, code, ownMicroseconds, decisions }: Step, paint: Paint): string[] {
  const colour = verdict === 'failed' ? 'red' : verdict === 'answered' ? 'yellow' : 'dim';
  const said = decisions.map(({ policy, decision, reason }) => `${policy} ${decision} ${reason}`.trim());
  const end = verdict === 'passed' ? [] : [status === 0 ? '' : String(status), code];
  return [
    paint('cyan', stage),
    paint(colour, verdict),
    `${ownMicroseconds} µs`,
    [...end, ...said].filter(isSaid).join(' '),
  ];
}

/** Endpoints in the order in which they were tried. */
function attemptRows({
  service,
  endpoint,
  picked,
  attempts,
  lost,
  unretried,
  cache,
  upstreamMs,
}: TraceView['upstream']): string[][] {
  if (service === '' || (attempts === 0 && cache === '')) return [];
  const last = [
    endpoint,
    picked === '' ? '' : `picked by ${picked}`,
    upstreamMs === null ? '' : `${upstreamMs.toFixed(1)} ms`,
  ];
  return [
    ['service', service],
    ...(cache === '' ? [] : [['cache', cache]]),
    ...lost.map((one) => [
      'attempt',
      `${one.endpoint}  picked by ${one.picked}  ${one.durationMs.toFixed(1)} ms  ${one.outcome}, then ${one.next}`,
    ]),
    ...(attempts === 0 ? [] : [['attempt', last.filter(isSaid).join('  ')]]),
    ...(unretried === '' ? [] : [['not again', unretried]]),
  ];
}

function titled(rows: readonly (readonly string[])[], paint: Paint): string[] {
  return alignColumns(rows.map(([title = '', ...rest]) => [paint('bold', title), ...rest]));
}

const isSaid = (text: string): boolean => text !== '';
