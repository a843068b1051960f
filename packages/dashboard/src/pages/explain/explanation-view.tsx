import type { ReactNode } from 'react';
import type { ExplainedService, ExplainedTarget, Explanation } from '../../api/types.ts';
import { hrefOf } from '../../router/location.ts';
import { Icon } from '../../ui/icons.tsx';
import { Card, Facts, Note } from '../../ui/layout.tsx';
import { Candidates } from './candidates.tsx';

/** What becomes of a request: the route, the stages in their order, the service, and what was passed over. */
export function ExplanationView({ explanation }: { readonly explanation: Explanation }) {
  const { outcome, candidates } = explanation;
  return (
    <div className="stack">
      {outcome.kind === 'answered' ? (
        <Note tone="warn" icon="warn" title={`Turnpike answers ${outcome.status} ${outcome.code}`}>
          {outcome.reason}
          {outcome.allow && ` Allowed: ${outcome.allow}.`}
        </Note>
      ) : (
        <>
          <Card title="Route">
            <Facts
              of={[
                ['Route', <a href={hrefOf(['routes', outcome.route.id])}>{outcome.route.id}</a>],
                ['Pattern', <code>{outcome.route.path}</code>],
                ...Object.entries(outcome.route.parameters).map(
                  ([name, value]) => [`{${name}}`, <code>{value}</code>] as const,
                ),
                ['Written at', <code>{`${outcome.route.origin.file}:${outcome.route.origin.line}`}</code>],
              ]}
            />
          </Card>
          <Card title="Stages, in their order">
            <ol className="steps">
              {outcome.route.stages.map(({ name, about }, index) => (
                <li key={`${name}${index}`}>
                  <span className="tone-ok">
                    <Icon name="ok" />
                  </span>
                  <div>
                    <span className="mono">{name}</span> <span className="muted">{about}</span>
                  </div>
                  <span />
                </li>
              ))}
            </ol>
          </Card>
          <Target target={outcome.route.target} />
        </>
      )}
      <Candidates candidates={candidates} />
    </div>
  );
}

function Target({ target }: { readonly target: ExplainedTarget }) {
  const services: readonly ExplainedService[] = [
    ...(target.service ? [target.service] : []),
    ...(target.services ?? []),
    ...(target.sides ?? []).map((side) => side.service),
  ];
  const own: (readonly [string, ReactNode])[] = [['Kind', target.kind]];
  if (target.requestLine) own.push(['It receives', <code key="line">{target.requestLine}</code>]);
  if (target.host) own.push(['Host', <code key="host">{target.host}</code>]);
  if (target.status) own.push(['Status', target.status]);
  if (target.location) own.push(['Location', <code key="location">{target.location}</code>]);
  if (target.provider) own.push(['Identity provider', target.provider]);
  for (const { name, about } of target.attempts ?? []) own.push([name, about]);
  return (
    <>
      <Card title="Where it ends">
        <Facts of={own} />
      </Card>
      {services.map(({ id, facts }) => (
        <Card key={id} title={<a href={hrefOf(['services', id])}>{`Service ${id}`}</a>}>
          <Facts of={facts.map(({ name, about }) => [name, about])} />
        </Card>
      ))}
    </>
  );
}
