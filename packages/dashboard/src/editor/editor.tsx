import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { wordsOf } from '../api/kinds.ts';
import { putInSteps, putObject, useObjects } from '../api/objects.ts';
import { type JsonObject, type Kind, KINDS } from '../api/types.ts';
import { go, hrefOf } from '../router/location.ts';
import { Button } from '../ui/button.tsx';
import { plural } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { Card, Note } from '../ui/layout.tsx';
import { Loaded, Skeleton } from '../ui/states.tsx';
import { Badge } from '../ui/words.tsx';
import { useCheck, useShape } from './check.ts';
import { isEqual, merged, type Path, withAt } from './document.ts';
import { draftOf, forgetDraft, keepDraft, useDraft } from './drafts.ts';
import { ObjectForm } from './form.tsx';
import { FormContext, type FormPorts } from './form-context.ts';
import { Review } from './review.tsx';
import { isObject, type Shape, startOf } from './shape.ts';

const TextView = lazy(async () => ({ default: (await import('./text-view.tsx')).TextView }));

/** What is edited: an object that is there, or one that is to be (`etag` null). */
export interface Edited {
  readonly kind: Kind;
  readonly name: string;
  readonly workspace: string;
  readonly etag: string | null;
  readonly document: JsonObject | null;
}

/** A form and a text of one object, checked by the gateway while somebody types. What others change meanwhile waits. */
export function Editor({
  edited,
  isReadOnly = false,
}: {
  readonly edited: Edited;
  readonly isReadOnly?: boolean;
}) {
  const shape = useShape(edited.kind);
  const [opened, setOpened] = useState(() => (isReadOnly ? edited : asBegun(edited)));
  const hasApplied = useRef(false);
  const isNewer = edited.etag !== opened.etag;
  const isHeld = isNewer && !hasApplied.current && draftOf(draftKeyOf(opened)) !== undefined;
  useEffect(() => {
    if (!isNewer || isHeld) return;
    hasApplied.current = false;
    setOpened(edited);
  }, [edited, isNewer, isHeld]);
  if (shape.error && isReadOnly && edited.document) return <PlainText document={edited.document} />;
  return (
    <Loaded of={shape} rows={10}>
      {(one) => (
        <div className="stack">
          {isHeld && (
            <Conflict shape={one} own={opened} theirs={edited} onSettled={() => setOpened(edited)} />
          )}
          <Desk
            key={opened.etag}
            shape={one}
            edited={{ ...opened, workspace: edited.workspace }}
            isReadOnly={isReadOnly}
            onApplied={() => {
              hasApplied.current = true;
            }}
          />
        </div>
      )}
    </Loaded>
  );
}

function draftKeyOf({ kind, name }: Edited): string {
  return `${kind}/${name}`;
}

/** Who had begun goes on from the version that they had before them. */
function asBegun(edited: Edited): Edited {
  const draft = draftOf(draftKeyOf(edited));
  return draft === undefined ? edited : { ...edited, etag: draft.etag, document: draft.base };
}

/** Somebody else was faster. Nothing is lost: their version, or one's own changes on top of it. */
function Conflict({
  shape,
  own,
  theirs,
  onSettled,
}: {
  readonly shape: Shape;
  readonly own: Edited;
  readonly theirs: Edited;
  readonly onSettled: () => void;
}) {
  const key = draftKeyOf(own);
  const takeTheirs = (): void => {
    forgetDraft(key);
    onSettled();
  };
  const bringOver = (): void => {
    const draft = draftOf(key);
    const document = merged(own.document ?? {}, draft?.document, theirs.document ?? {});
    if (draft && isObject(document))
      keepDraft(key, { ...draft, etag: theirs.etag, base: theirs.document, document }, shape);
    onSettled();
  };
  return (
    <div role="alert">
      <Note
        tone="warn"
        icon="warn"
        title="Somebody has changed this while you were at it"
        action={
          <div className="row">
            <Button onClick={takeTheirs}>Take theirs</Button>
            <Button look="primary" onClick={bringOver}>
              Bring mine over
            </Button>
          </div>
        }
      >
        What you see is yours, of the version before, and cannot be applied over theirs. Bring your changes
        over to their version: where both changed the same, yours stays, and the review shows it.
      </Note>
    </div>
  );
}

/** Without a schema there is no form, but there is still something to read. */
function PlainText({ document }: { readonly document: JsonObject }) {
  return <pre className="code">{JSON.stringify(document, null, 2)}</pre>;
}

function Desk({
  shape,
  edited,
  isReadOnly,
  onApplied,
}: {
  readonly shape: Shape;
  readonly edited: Edited;
  readonly isReadOnly: boolean;
  readonly onApplied: () => void;
}) {
  const { kind, workspace, etag } = edited;
  const isNew = etag === null && !isReadOnly;
  const begin = useMemo(() => edited.document ?? beginning(shape, kind), [edited.document, shape, kind]);
  const draftKey = draftKeyOf(edited);
  const [found] = useState(() => (isReadOnly ? undefined : draftOf(draftKey)));
  const [name, setName] = useState(found?.name ?? edited.name);
  const [document, setDocument] = useState<JsonObject>(found?.document ?? begin);
  const [isReviewing, setReviewing] = useState(false);
  const namesFor = useNames();
  const isChanged = !isEqual(document, begin);
  // Nobody is told of errors before they have begun.
  const hasBegun = !isNew || isChanged || name !== '';
  const isDirty = isChanged || (isNew && hasBegun);
  const { issues, isCurrent, hasFailed } = useCheck(kind, name, document, !isReadOnly && hasBegun);
  const errors = issues.filter(({ severity }) => severity !== 'warning');
  const draft = useMemo(
    () => (isDirty && !isReadOnly ? { name, etag, base: edited.document, document } : null),
    [isDirty, isReadOnly, name, etag, edited.document, document],
  );
  useDraft(draftKey, draft, shape);

  const ports: FormPorts = {
    issues,
    isReadOnly,
    namesFor,
    change: (path, value) => {
      setDocument((now) => {
        const next = withAt(now, path, value);
        return isObject(next) ? next : {};
      });
    },
  };
  const where = { kind, name };
  // What is new goes to the workspace that one chose, and roll-outs know of none.
  const mayRollOut = etag !== null || workspace === 'default';
  return (
    <FormContext value={ports}>
      {found?.isRestored === true && isDirty && (
        <Note icon="back" title="What you had begun is back">
          It was kept when the page was loaded again, but for secrets that were typed: those have to be typed
          anew.
        </Note>
      )}
      {isNew && <NameField kind={kind} name={name} onChange={setName} />}
      <div className="editor">
        <Card title="Settings">
          {shape.kind === 'object' ? <ObjectForm shape={shape} value={document} path={[]} /> : null}
          <Elsewhere issues={issues} />
        </Card>
        <Suspense fallback={<Skeleton rows={10} />}>
          <TextView document={document} isReadOnly={isReadOnly} onChange={setDocument} />
        </Suspense>
      </div>
      {!isReadOnly && (
        <div className="apply-bar" role="region" aria-label="Changes">
          <div role="status" style={{ flex: 1 }}>
            {!isCurrent ? (
              <span className="muted">Checking…</span>
            ) : hasFailed ? (
              <Badge tone="warn">It could not be checked; Review asks again</Badge>
            ) : errors.length > 0 ? (
              <Button size="small" look="quiet" onClick={showError}>
                <Badge tone="bad">{plural(errors.length, 'error')}</Badge> Show
              </Button>
            ) : isDirty ? (
              <Badge tone="ok">Valid</Badge>
            ) : (
              <span className="muted">{isNew ? 'Give it a name, and say what it is' : 'No changes'}</span>
            )}
          </div>
          {isDirty && (
            <Button
              onClick={() => {
                setDocument(begin);
                setName(edited.name);
              }}
            >
              Discard
            </Button>
          )}
          <Button
            look="primary"
            disabled={!isDirty || !isCurrent || errors.length > 0 || name === ''}
            onClick={() => setReviewing(true)}
          >
            Review
          </Button>
        </div>
      )}
      {isReviewing && (
        <Review
          title={`${isNew ? 'Create' : 'Change'} ${wordsOf(kind).one} ${name}`}
          verb="Apply"
          dryRun={() => putObject(where, document, { etag, isDryRun: true, workspace })}
          run={(message) => putObject(where, document, { etag, isDryRun: false, message, workspace })}
          {...(mayRollOut && {
            rollOut: (steps, message) => putInSteps(where, document, { steps, message }),
          })}
          onDone={() => {
            setReviewing(false);
            forgetDraft(draftKey);
            onApplied();
            go(hrefOf([wordsOf(kind).path, name]));
          }}
          onClose={() => setReviewing(false)}
        />
      )}
    </FormContext>
  );
}

function NameField({
  kind,
  name,
  onChange,
}: {
  readonly kind: Kind;
  readonly name: string;
  readonly onChange: (name: string) => void;
}) {
  const taken = useObjects(kind).data?.items.some((one) => one.name === name) ?? false;
  return (
    <div className="card-body field form-narrow" style={{ padding: '0 0 var(--s4)' }}>
      <label className="field-label" htmlFor="object-name">
        Name of the {wordsOf(kind).one}
      </label>
      <input
        id="object-name"
        className="input"
        data-mono=""
        autoComplete="off"
        spellCheck={false}
        placeholder="letters, digits, - and _"
        value={name}
        aria-invalid={taken || undefined}
        aria-describedby="object-name-error"
        onChange={(event) => onChange(event.target.value.trim())}
      />
      <div id="object-name-error">
        {taken && (
          <p className="field-error">
            <Icon name="bad" />
            There is one of that name already.
          </p>
        )}
      </div>
    </div>
  );
}

const ELSEWHERE = new RegExp(`^/(${[...KINDS, 'listeners'].join('|')})/`);

/** What is wrong with the object as a whole, or somewhere else because of it. */
function Elsewhere({ issues }: { readonly issues: FormPorts['issues'] }) {
  const own = issues.filter(({ pointer }) => pointer === '' || ELSEWHERE.test(pointer));
  if (own.length === 0) return null;
  return (
    <div className="stack" data-gap="small" style={{ marginTop: 'var(--s4)' }} role="alert">
      {own.map((issue) => (
        <Note
          key={issue.pointer + issue.message}
          tone={issue.severity === 'warning' ? 'warn' : 'bad'}
          icon="bad"
          title={issue.message}
        >
          {issue.pointer && <code>{issue.pointer}</code>}
        </Note>
      ))}
    </div>
  );
}

/** Leads to the first thing that is wrong. */
function showError(): void {
  const place = document.querySelector<HTMLElement>(
    '.editor [aria-invalid=true], .editor .field-error, .editor [role=alert]',
  );
  place?.scrollIntoView({ block: 'center' });
  place?.focus();
}

/** With what a new object begins: what it must have, and what most have. */
function beginning(shape: Shape, kind: Kind): JsonObject {
  const required = startOf(shape);
  const usual: Partial<Record<Kind, JsonObject>> = {
    routes: { match: { path: '/' }, service: '' },
    services: { endpoints: ['http://127.0.0.1:9001'] },
    lists: { addresses: [] },
    consumers: {},
  };
  return { ...(isObject(required) ? required : {}), ...usual[kind] };
}

/** What exists under a name, for keys that refer to it. */
function useNames(): FormPorts['namesFor'] {
  const [services, providers] = [useObjects('services'), useObjects('identityProviders')];
  return (path: Path) => {
    const [last, before] = [path.at(-1), path.at(-2)];
    const names = (data: typeof services.data): string[] => (data?.items ?? []).map(({ name }) => name);
    if (last === 'service' || (last === '*' && before === 'services')) return names(services.data);
    if (last === 'provider' || before === 'providers') return names(providers.data);
    if (last === 'with' || before === 'with') return ['consumers', ...names(providers.data)];
    return [];
  };
}
