import type { TraceView } from '../../api/types.ts';
import { millis } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Badge, type Tone } from '../../ui/words.tsx';
import { Candidates } from '../explain/candidates.tsx';

const PICTURES = { passed: 'check', answered: 'info', failed: 'bad' } as const;
const TONES: Readonly<Record<string, Tone>> = {
  allowed: 'ok',
  denied: 'bad',
  failed: 'bad',
  reported: 'warn',
};

/** Why a request got its reply: stages as they ran, with what their policies decided. */
export function TraceSteps({ trace }: { readonly trace: TraceView }) {
  const { reply, steps, candidates } = trace;
  return (
    <section className="stack" data-gap="small" aria-label="Decision trace">
      <h3>Decision trace</h3>
      {reply.answeredBy && (
        <p>
          Answered by <code>{reply.answeredBy}</code>
          {reply.rule && (
            <>
              {' '}
              because of <code>{reply.rule}</code>
            </>
          )}
          {reply.place && <span className="muted"> ({reply.place})</span>}
        </p>
      )}
      <ol className="steps">
        {steps.map((step, index) => (
          <li key={`${step.stage}${index}`}>
            <span
              className={
                step.verdict === 'failed' ? 'tone-bad' : step.verdict === 'answered' ? 'tone-warn' : 'tone-ok'
              }
            >
              <Icon name={PICTURES[step.verdict]} className="step-icon" />
            </span>
            <div>
              <span className="mono">{step.stage}</span> <span className="muted">{step.verdict}</span>
              {step.decisions.map(({ policy, decision, reason }) => (
                <div key={policy + decision} className="row">
                  <Badge tone={TONES[decision] ?? 'plain'}>{decision}</Badge>
                  <span>
                    {policy}
                    {reason && `: ${reason}`}
                  </span>
                </div>
              ))}
            </div>
            <span className="num muted">{millis(step.ownMicroseconds / 1000)}</span>
          </li>
        ))}
      </ol>
      <Candidates candidates={candidates} />
    </section>
  );
}
