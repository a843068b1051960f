import { wordsOf } from '../api/kinds.ts';
import type { Json, ObjectDiff, Plan, Risk } from '../api/types.ts';
import { plural } from '../ui/format.ts';
import { Note } from '../ui/layout.tsx';
import { Badge, type Tone } from '../ui/words.tsx';

const RISK_TONES: Readonly<Record<Risk['level'], Tone>> = { high: 'bad', medium: 'warn', low: 'plain' };
const ACTION_TONES: Readonly<Record<ObjectDiff['action'], Tone>> = {
  added: 'ok',
  changed: 'accent',
  removed: 'bad',
};
const ACTION_ICONS = { added: 'plus', changed: 'edit', removed: 'trash' } as const;

/** What a change does: first what could hurt, then everything. */
export function PlanView({ plan }: { readonly plan: Pick<Plan, 'changes' | 'risks'> & Partial<Plan> }) {
  return (
    <div className="stack">
      <Risks risks={plan.risks} />
      {(plan.warnings ?? []).map((issue) => (
        <Note key={issue.pointer + issue.message} tone="warn" icon="warn" title={issue.message}>
          {issue.pointer && <code>{issue.pointer}</code>}
        </Note>
      ))}
      {plan.changes.length === 0 && (
        <Note title="Nothing changes">What is there means the same already.</Note>
      )}
      <Changes of={plan.changes} />
    </div>
  );
}

/** What an operator should know before. */
export function Risks({ risks }: { readonly risks: readonly Risk[] }) {
  if (risks.length === 0)
    return (
      <Note icon="ok" title="No risk was found">
        Nobody loses authentication, no route goes, no limit is lifted.
      </Note>
    );
  return (
    <section className="card" aria-label="Risks">
      <ul className="list">
        {risks.map((risk) => (
          <li key={risk.code + risk.message}>
            <Badge tone={RISK_TONES[risk.level]} icon={risk.level === 'low' ? 'info' : 'warn'}>
              {risk.level} risk
            </Badge>
            <div className="grow">
              {risk.message}
              <div className="small muted mono">
                {risk.objects.slice(0, 6).join(', ')}
                {risk.count > 6 && ` and ${risk.count - 6} more`}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** More than anybody reads, and few enough to be drawn at once. */
const MOST_SHOWN = 100;

/** All objects that differ. */
export function Changes({ of }: { readonly of: readonly ObjectDiff[] }) {
  return (
    <>
      {of.length > 1 && <p className="muted">{summaryOf(of)}</p>}
      {of.slice(0, MOST_SHOWN).map((change) => (
        <Change key={`${change.kind}.${change.name}`} change={change} />
      ))}
      {of.length > MOST_SHOWN && (
        <Note title={`${plural(of.length - MOST_SHOWN, 'more object')}, not shown here`} />
      )}
    </>
  );
}

/** `3 added, 1 changed`. */
function summaryOf(changes: readonly ObjectDiff[]): string {
  return (['added', 'changed', 'removed'] as const)
    .map((action) => [action, changes.filter((one) => one.action === action).length] as const)
    .filter(([, many]) => many > 0)
    .map(([action, many]) => `${many} ${action}`)
    .join(', ');
}

/** One object, key by key. */
function Change({ change }: { readonly change: ObjectDiff }) {
  const { kind, name, action, fields = [] } = change;
  return (
    <section className="card" aria-label={`${wordsOf(kind).one} ${name}`}>
      <div className="card-head">
        <h2>
          {wordsOf(kind).one} <span className="mono">{name}</span>
        </h2>
        <div className="row">
          {fields.length > 0 && <span className="small muted">{plural(fields.length, 'key')}</span>}
          <Badge tone={ACTION_TONES[action]} icon={ACTION_ICONS[action]}>
            {action}
          </Badge>
        </div>
      </div>
      {fields.length > 0 && (
        <div className="diff">
          {fields.map(({ path, before, after }) => (
            <div key={path}>
              <div className="diff-path">{path === '' ? 'all of it' : path}</div>
              <Line side="-" value={before} />
              <Line side="+" value={after} />
            </div>
          ))}
        </div>
      )}
    </section>
  );
}

function Line({ side, value }: { readonly side: '-' | '+'; readonly value: Json | undefined }) {
  if (value === undefined || value === null) return null;
  return (
    <div className="diff-line" data-side={side}>
      <span aria-label={side === '-' ? 'before' : 'after'} role="img">
        {side}
      </span>
      <span>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</span>
    </div>
  );
}

/** How much may go wrong at most, for buttons. */
export function isDangerous(risks: readonly Risk[]): boolean {
  return risks.some(({ level }) => level === 'high');
}
