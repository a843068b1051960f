import { type ReactNode, use, useId, useState } from 'react';
import type { Json, JsonObject } from '../api/types.ts';
import { Button, IconButton, Segments } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { hasIssues, issuesAt, type Path, renamed } from './document.ts';
import { FormContext, type Part, type ValueProps } from './form-context.ts';
import { useMoving } from './focus.ts';
import { Prose } from './prose.tsx';
import { Scalar } from './scalars.tsx';
import { branchOf, isObject, labelOf, type Shape, startOf } from './shape.ts';

type Of<K extends Shape['kind']> = Extract<Shape, { kind: K }>;

/** A key with its value, what it means and what is wrong with it. */
function Field({
  name,
  part,
  isRequired,
  onRemove,
}: {
  readonly name: string;
  readonly part: Part;
  readonly isRequired: boolean;
  readonly onRemove: () => void;
}) {
  const { issues, isReadOnly } = use(FormContext);
  const id = useId();
  const { shape, path } = part;
  const found = issuesAt(issues, path);
  return (
    <div
      className="form-field"
      data-part={name}
      data-bad={hasIssues(issues, path) ? '' : undefined}
      role="group"
      aria-labelledby={`${id}-name`}
    >
      <div className="form-head">
        <span className="field-key" id={`${id}-name`}>
          {name}
        </span>
        {isRequired && <span className="form-need">required</span>}
        {!isRequired && !isReadOnly && (
          <IconButton label={`Remove ${name}`} icon="close" size="small" onClick={onRemove} />
        )}
      </div>
      {shape.about && (
        <p className="field-hint" id={`${id}-about`}>
          <Prose text={shape.about} />
        </p>
      )}
      <Value {...part} label={name} describedBy={`${id}-about ${id}-error`} isInvalid={found.length > 0} />
      <div id={`${id}-error`}>
        {found.map((issue) => (
          <p className="field-error" key={issue.message}>
            <Icon name={issue.severity === 'warning' ? 'warn' : 'bad'} />
            {issue.message}
          </p>
        ))}
      </div>
    </div>
  );
}

/** The control that a shape asks for. */
function Value(props: ValueProps): ReactNode {
  const { shape, value, path } = props;
  switch (shape.kind) {
    case 'object':
      return (
        <div className="form-nest">
          <ObjectForm shape={shape} value={value} path={path} />
        </div>
      );
    case 'list':
      return <ListForm {...props} shape={shape} />;
    case 'union':
      return <UnionForm {...props} shape={shape} />;
    case 'choice':
    case 'unit':
    case 'number':
    case 'flag':
    case 'text':
    case 'secret':
    case 'anything':
    case 'refused':
      return <Scalar {...props} />;
    default:
      return shape satisfies never;
  }
}

/** Keys that are there and keys that must be; the others wait below as what can be added. */
export function ObjectForm({ shape, value, path }: Part<Of<'object'>>) {
  const { change, isReadOnly } = use(FormContext);
  const object = isObject(value) ? value : {};
  const known = [...shape.keys].filter(([, one]) => one.kind !== 'refused');
  const shown = known.filter(([key]) => Object.hasOwn(object, key) || shape.required.includes(key));
  const absent = known.filter(([key]) => !Object.hasOwn(object, key) && !shape.required.includes(key));
  const others = Object.keys(object).filter((key) => !shape.keys.has(key));
  const { entries } = shape;
  const { box, moveTo } = useMoving();
  return (
    <div className="form-object" ref={box}>
      {shown.map(([key, one]) => (
        <Field
          key={key}
          name={key}
          part={{ shape: one, value: object[key], path: [...path, key] }}
          isRequired={shape.required.includes(key)}
          onRemove={() => {
            change([...path, key], undefined);
            moveTo('chip', key);
          }}
        />
      ))}
      {others.map((key) =>
        entries === null ? (
          <Stranger key={key} name={key} path={[...path, key]} />
        ) : (
          <Entry key={key} name={key} object={object} path={path} shape={entries} />
        ),
      )}
      {!isReadOnly && absent.length > 0 && (
        <div className="form-add">
          {absent.map(([key, one]) => (
            <button
              key={key}
              type="button"
              className="chip"
              data-chip={key}
              title={one.about}
              onClick={() => {
                change([...path, key], startOf(one));
                moveTo('part', key);
              }}
            >
              <span aria-hidden="true">+ </span>
              <span className="visually-hidden">Add </span>
              {key}
            </button>
          ))}
        </div>
      )}
      {!isReadOnly && entries !== null && <NewEntry object={object} path={path} shape={entries} />}
    </div>
  );
}

/** A key that the schema does not know: shown, so that it can be taken out. */
function Stranger({ name, path }: { readonly name: string; readonly path: Path }) {
  const { issues, change, isReadOnly } = use(FormContext);
  const [issue] = issuesAt(issues, path);
  return (
    <div className="form-field" data-bad="">
      <div className="form-head">
        <span className="field-key">{name}</span>
        {!isReadOnly && (
          <IconButton
            label={`Remove ${name}`}
            icon="close"
            size="small"
            onClick={() => change(path, undefined)}
          />
        )}
      </div>
      <p className="field-error">
        <Icon name="bad" />
        {issue?.message ?? 'There is no such key here.'}
      </p>
    </div>
  );
}

/** A value under a name that the user chose. */
function Entry({
  name,
  object,
  path,
  shape,
}: {
  readonly name: string;
  readonly object: JsonObject;
  readonly path: Path;
  readonly shape: Shape;
}) {
  const { issues, change, isReadOnly } = use(FormContext);
  const [draft, setDraft] = useState(name);
  const own = [...path, name];
  const found = issuesAt(issues, own);
  const rename = (): void => {
    if (draft !== name && draft !== '' && !Object.hasOwn(object, draft))
      change(path, renamed(object, name, draft));
    else setDraft(name);
  };
  return (
    <div className="form-field" data-bad={found.length > 0 ? '' : undefined}>
      <div className="form-entry" data-named="">
        <input
          className="input"
          data-mono=""
          aria-label="Name"
          value={draft}
          readOnly={isReadOnly}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={rename}
        />
        <Value
          shape={shape}
          value={object[name]}
          path={own}
          label={name}
          describedBy=""
          isInvalid={found.length > 0}
        />
        {!isReadOnly && (
          <IconButton label={`Remove ${name}`} icon="close" onClick={() => change(own, undefined)} />
        )}
      </div>
      {found.map((issue) => (
        <p className="field-error" key={issue.message}>
          <Icon name="bad" />
          {issue.message}
        </p>
      ))}
    </div>
  );
}

function NewEntry({
  object,
  path,
  shape,
}: {
  readonly object: JsonObject;
  readonly path: Path;
  readonly shape: Shape;
}) {
  const { change, namesFor } = use(FormContext);
  const [name, setName] = useState('');
  const id = useId();
  const names = namesFor([...path, '*']).filter((one) => !Object.hasOwn(object, one));
  const add = (): void => {
    if (name === '' || Object.hasOwn(object, name)) return;
    change([...path, name], startOf(shape));
    setName('');
  };
  return (
    <div className="row">
      <input
        className="input form-narrow"
        data-mono=""
        aria-label="Name of a new entry"
        placeholder="name"
        list={id}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && (event.preventDefault(), add())}
      />
      <datalist id={id}>
        {names.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <Button size="small" icon="plus" disabled={name === ''} onClick={add}>
        Add
      </Button>
    </div>
  );
}

function ListForm({ shape, value, path, label, describedBy }: ValueProps & Part<Of<'list'>>) {
  const { issues, change, isReadOnly } = use(FormContext);
  const items: readonly Json[] = Array.isArray(value) ? value : [];
  const { box, moveTo } = useMoving();
  return (
    <div className="stack" data-gap="small" ref={box}>
      {items.map((item, index) => {
        const own = [...path, index];
        const found = issuesAt(issues, own);
        return (
          <div key={index} data-part={index}>
            <div className="form-entry">
              <Value
                shape={shape.items}
                value={item}
                path={own}
                label={`${label} ${index + 1}`}
                describedBy={describedBy}
                isInvalid={found.length > 0}
              />
              {!isReadOnly && (
                <IconButton
                  label={`Remove ${label} ${index + 1}`}
                  icon="close"
                  onClick={() => change(own, undefined)}
                />
              )}
            </div>
            {found.map((issue) => (
              <p className="field-error" key={issue.message}>
                <Icon name="bad" />
                {issue.message}
              </p>
            ))}
          </div>
        );
      })}
      {!isReadOnly && (
        <div>
          <Button
            size="small"
            icon="plus"
            onClick={() => {
              change([...path, items.length], startOf(shape.items));
              moveTo('part', String(items.length));
            }}
          >
            Add to {label}
          </Button>
        </div>
      )}
    </div>
  );
}

function UnionForm(props: ValueProps & Part<Of<'union'>>) {
  const { change, isReadOnly } = use(FormContext);
  const { shape, value, path, label } = props;
  const index = branchOf(shape.branches, value);
  const branch = shape.branches[index];
  const choices = shape.branches.map((one, at) => [String(at), labelOf(one)] as const);
  return (
    <div className="stack" data-gap="small">
      {choices.length <= 4 ? (
        <div>
          <Segments
            label={`Form of ${label}`}
            value={String(index)}
            choices={isReadOnly ? choices.filter(([at]) => at === String(index)) : choices}
            onChange={(at) => change(path, startOf(shape.branches[Number(at)] ?? shape))}
          />
        </div>
      ) : (
        <select
          className="input form-narrow"
          aria-label={`Form of ${label}`}
          value={String(index)}
          disabled={isReadOnly}
          onChange={(event) => change(path, startOf(shape.branches[Number(event.target.value)] ?? shape))}
        >
          {choices.map(([at, text]) => (
            <option key={at} value={at}>
              {text}
            </option>
          ))}
        </select>
      )}
      {branch && !(branch.kind === 'choice' && branch.values.length === 1) && (
        <Value {...props} shape={branch} />
      )}
    </div>
  );
}
