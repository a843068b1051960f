import type { Origin } from '@turnpike/config';
import type { Fact, Report, RouteReport, TargetReport, UpstreamReport } from '../explain/report.ts';
import type { ServiceReport } from '../explain/service-report.ts';
import type { Candidate } from '../gateway.ts';
import { alignColumns } from './table.ts';
import type { Output, Paint } from './terminal.ts';

/** Shows a report as text for people: what came in, who was considered, what happens, where it goes. */
export function printExplanation(report: Report, output: Output): void {
  const { paint, isTerminal } = output;
  const { request, outcome, candidates } = report;
  const facts: string[][] = [];
  if (request !== null) {
    facts.push(['request', `${paint('bold', request.method)} ${request.path}${request.query}`]);
    facts.push(['', paint('dim', `host ${request.host}, listener ${request.listener}`)]);
  }
  if (outcome.kind === 'answered') facts.push(...answerRows(outcome, paint));
  else facts.push(...routeRows(outcome.route, paint));
  output.print(...titled(facts, paint));

  if (candidates.length > 0) {
    const rows = candidates.map((candidate) => candidateRow(candidate, { paint, isTerminal }));
    output.print('', paint('bold', 'routes considered, most specific first'), ...alignColumns(rows, '  '));
  }
  if (outcome.kind !== 'routed') return;
  const stages = outcome.route.stages.map(({ name, about }, index) => [
    paint('dim', String(index + 1)),
    paint('cyan', name),
    about,
  ]);
  output.print('', paint('bold', 'stages, in this order'), ...alignColumns(stages, '  '));
  output.print('', ...targetLines(outcome.route.target, paint));
}

type Answer = Extract<Report['outcome'], { kind: 'answered' }>;

function answerRows({ status, code, reason, allow }: Answer, paint: Paint): string[][] {
  const text = [paint(['bold', 'yellow'], String(status)), code, reason].filter((part) => part !== '');
  const rows = [['answer', text.join(' ')]];
  if (allow !== '') rows.push(['', paint('dim', `Allow: ${allow}`)]);
  return rows;
}

function routeRows({ id, path, parameters, origin }: RouteReport, paint: Paint): string[][] {
  const rows = [['route', `${paint(['bold', 'green'], id)}  ${path}  ${paint('dim', place(origin))}`]];
  for (const [name, value] of Object.entries(parameters)) {
    rows.push(['', `${paint('yellow', `{${name}}`)} = ${value}`]);
  }
  return rows;
}

/** A route that was considered, and why it was passed over. */
export function candidateRow(
  { route, path, host, outcome, mismatches }: Candidate,
  { paint, isTerminal }: Pick<Output, 'paint' | 'isTerminal'>,
): string[] {
  const where = host === undefined || host === '*' ? path : `${host} ${path}`;
  switch (outcome) {
    case 'chosen':
      return [paint('green', isTerminal ? '✔' : '+'), paint('bold', route), where, paint('green', 'chosen')];
    case 'outranked':
      return [paint('dim', isTerminal ? '·' : '.'), route, where, paint('dim', 'fits, but is less specific')];
    case 'rejected':
      return [paint('red', isTerminal ? '✘' : '-'), route, where, `does not fit: ${mismatches.join(', ')}`];
    default:
      return outcome satisfies never;
  }
}

function targetLines(target: TargetReport, paint: Paint): string[] {
  switch (target.kind) {
    case 'redirect':
      return titled([['redirect', `${target.status} to ${paint('bold', target.location)}`]], paint);
    case 'respond':
      return titled([['respond', `${target.status} with a body of ${target.bytes} bytes`]], paint);
    case 'split':
      return [
        ...titled(upstreamRows(target, paint), paint),
        ...target.sides.flatMap(({ service, weight }) => [
          '',
          ...titled(serviceRows(service, `weight ${weight}`, paint), paint),
        ]),
      ];
    case 'login':
      return titled([['login', `${target.step} of ${paint('bold', target.provider)}`]], paint);
    case 'mcp':
      return [
        ...titled(factRows(target.facts), paint),
        ...target.services.flatMap((service) => ['', ...titled(serviceRows(service, '', paint), paint)]),
      ];
    case 'protected-resource':
      return titled([['respond', `200; tokens come from ${target.authorizationServers.join(', ')}`]], paint);
    case 'published-keys':
      return titled([['respond', '200 with the keys of forwardIdentity: jwt']], paint);
    case 'service':
      return titled([...upstreamRows(target, paint), ...serviceRows(target.service, '', paint)], paint);
    default:
      return target satisfies never;
  }
}

function upstreamRows({ requestLine, host, attempts }: UpstreamReport, paint: Paint): string[][] {
  return [['upstream', paint('bold', requestLine)], ['', `Host: ${host}`], ...factRows(attempts)];
}

function serviceRows(service: ServiceReport, share: string, paint: Paint): string[][] {
  const { id, origin, facts, endpoints } = service;
  const name = [paint(['bold', 'green'], id), share, paint('dim', place(origin))];
  const table = alignColumns(
    endpoints.map(({ url, weight, zone, priority }) => [
      url,
      weight === 0 ? 'weight 0: drained' : `weight ${weight}`,
      zone === null ? '' : `zone ${zone}`,
      priority === 0 ? '' : `priority ${priority}`,
    ]),
  );
  return [
    ['service', name.filter((text) => text !== '').join('  ')],
    ...factRows(facts),
    ...table.map((line, index) => [index === 0 ? 'endpoints' : '', line]),
  ];
}

/** A name that comes again is not said again. */
function factRows(facts: readonly Fact[]): string[][] {
  return facts.map(({ name, about }, index) => [facts[index - 1]?.name === name ? '' : name, about]);
}

/** Rows of a title and a text; the title stands out. */
function titled(rows: readonly (readonly string[])[], paint: Paint): string[] {
  return alignColumns(rows.map(([title = '', ...rest]) => [paint('bold', title), ...rest]));
}

function place({ file, line }: Origin): string {
  return `${file}:${line}`;
}
