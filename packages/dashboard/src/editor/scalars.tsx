import { use, useEffect, useId, useState } from 'react';
import type { Json } from '../api/types.ts';
import { FormContext, type ValueProps } from './form-context.ts';
import { isReference, unitIn } from './shape.ts';

function shownAs(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What ties a control to its name, its explanation and its error. */
function tiesOf({ label, describedBy, isInvalid }: ValueProps) {
  return {
    'aria-label': label,
    'aria-describedby': describedBy.trim() || undefined,
    'aria-invalid': isInvalid || undefined,
  };
}

/** A value without anything inside. */
export function Scalar(props: ValueProps) {
  const { shape, value } = props;
  if (isReference(value)) return <TextInput {...props} />;
  if (shape.isFile === true) return <FileInput {...props} />;
  switch (shape.kind) {
    case 'choice':
      return <ChoiceInput {...props} values={shape.values} />;
    case 'unit':
      return <UnitInput {...props} units={shape.units} />;
    case 'number':
      return <NumberInput {...props} />;
    case 'flag':
      return <FlagInput {...props} />;
    case 'secret':
      return <SecretInput {...props} />;
    case 'anything':
      return <JsonInput {...props} />;
    case 'text':
    case 'object':
    case 'list':
    case 'union':
    case 'refused':
      return <TextInput {...props} />;
    default:
      return shape satisfies never;
  }
}

function TextInput(props: ValueProps) {
  const { change, isReadOnly, namesFor } = use(FormContext);
  const { value, path, shape } = props;
  const id = useId();
  const names = namesFor(path);
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
  if (text.includes('\n'))
    return (
      <textarea
        className="input"
        data-mono=""
        rows={4}
        {...tiesOf(props)}
        readOnly={isReadOnly}
        value={text}
        onChange={(event) => change(path, event.target.value)}
      />
    );
  return (
    <>
      <input
        className="input"
        data-mono=""
        type="text"
        spellCheck={false}
        autoComplete="off"
        {...tiesOf(props)}
        {...(names.length > 0 && { list: id })}
        placeholder={typeof shape.fallback === 'string' ? shape.fallback : undefined}
        readOnly={isReadOnly}
        value={text}
        onChange={(event) => change(path, event.target.value)}
      />
      {names.length > 0 && (
        <datalist id={id}>
          {names.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
    </>
  );
}

function SecretInput(props: ValueProps) {
  const { change, isReadOnly } = use(FormContext);
  const { value, path } = props;
  const isKept = value === '***';
  return (
    <input
      className="input"
      data-mono=""
      type={isKept ? 'text' : 'password'}
      autoComplete="off"
      {...tiesOf(props)}
      readOnly={isReadOnly}
      placeholder="a secret, best ${env:NAME}"
      value={typeof value === 'string' ? value : ''}
      onFocus={(event) => isKept && event.target.select()}
      onChange={(event) => change(path, event.target.value)}
    />
  );
}

/** Text that has lines: typed, pasted, or taken from a file. What is secret is not readable over a shoulder. */
function FileInput(props: ValueProps) {
  const { change, isReadOnly } = use(FormContext);
  const { value, path, shape, label } = props;
  const text = typeof value === 'string' ? value : '';
  const take = async (file: File | undefined): Promise<void> => {
    if (file !== undefined) change(path, await file.text());
  };
  return (
    <div className="stack" data-gap="small">
      <textarea
        className="input"
        data-mono=""
        data-secret={shape.kind === 'secret' && text !== '***' ? '' : undefined}
        rows={text.includes('\n') ? 6 : 2}
        spellCheck={false}
        {...tiesOf(props)}
        readOnly={isReadOnly}
        placeholder="-----BEGIN …, or ${file:path}"
        value={text}
        onFocus={(event) => text === '***' && event.target.select()}
        onChange={(event) => change(path, event.target.value)}
      />
      {!isReadOnly && (
        <div>
          <label className="button file-button" data-size="small">
            <input
              className="visually-hidden"
              type="file"
              accept=".pem,.crt,.cer,.key"
              aria-label={`${label} from a file`}
              onChange={(event) => void take(event.target.files?.[0])}
            />
            From a file…
          </label>
        </div>
      )}
    </div>
  );
}

function NumberInput(props: ValueProps) {
  const { change, isReadOnly } = use(FormContext);
  const { value, path, shape } = props;
  return (
    <input
      className="input form-narrow num"
      type="text"
      inputMode="decimal"
      {...tiesOf(props)}
      readOnly={isReadOnly}
      placeholder={shape.fallback === undefined ? undefined : shownAs(shape.fallback)}
      value={value === undefined ? '' : shownAs(value)}
      onChange={(event) => change(path, numberOr(event.target.value))}
    />
  );
}

/** What is no number stays text, and the check says so. */
function numberOr(text: string): Json {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}

function FlagInput(props: ValueProps) {
  const { change, isReadOnly } = use(FormContext);
  const { value, path } = props;
  return (
    <div>
      <input
        className="switch"
        type="checkbox"
        role="switch"
        {...tiesOf(props)}
        disabled={isReadOnly}
        checked={value === true}
        onChange={(event) => change(path, event.target.checked)}
      />
    </div>
  );
}

function ChoiceInput({
  values,
  ...props
}: ValueProps & { readonly values: readonly (string | number | boolean)[] }) {
  const { change, isReadOnly } = use(FormContext);
  const { value, path } = props;
  const isKnown = values.includes(value as string);
  return (
    <select
      className="input form-narrow"
      {...tiesOf(props)}
      disabled={isReadOnly}
      value={isKnown ? shownAs(value) : ''}
      onChange={(event) =>
        change(
          path,
          values.find((one) => String(one) === event.target.value),
        )
      }
    >
      {!isKnown && <option value="">{value === undefined ? 'Choose…' : shownAs(value)}</option>}
      {values.map((one) => (
        <option key={String(one)} value={String(one)}>
          {String(one)}
        </option>
      ))}
    </select>
  );
}

function UnitInput({ units, ...props }: ValueProps & { readonly units: readonly string[] }) {
  const { change, isReadOnly } = use(FormContext);
  const { value, path, label } = props;
  const parts = unitIn(typeof value === 'string' ? value : '', units);
  const text = typeof value === 'string' ? value : '';
  const [amount, unit] = parts ?? [
    text.replace(/[A-Za-z]+$/, ''),
    units.find((one) => text.endsWith(one)) ?? units[1] ?? '',
  ];
  return (
    <div className="form-unit">
      <input
        className="input num"
        type="text"
        inputMode="decimal"
        {...tiesOf(props)}
        readOnly={isReadOnly}
        value={amount}
        onChange={(event) => change(path, typed(event.target.value, unit))}
      />
      <select
        className="input"
        aria-label={`Unit of ${label}`}
        disabled={isReadOnly}
        value={unit}
        onChange={(event) => change(path, `${amount}${event.target.value}`)}
      >
        {units.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </div>
  );
}

/** `5` gets the unit beside it; `5m` and `${env:…}` say theirs. */
function typed(text: string, unit: string): string {
  return /^[\d.]*$/.test(text) ? `${text}${unit}` : text;
}

/** For what has no form: as JSON, taken over when it is some. */
function JsonInput(props: ValueProps) {
  const { change, isReadOnly } = use(FormContext);
  const { value, path } = props;
  const shown = JSON.stringify(value, null, 2) ?? '';
  const [draft, setDraft] = useState(shown);
  useEffect(() => setDraft(shown), [shown]);
  const leave = (): void => {
    try {
      change(path, JSON.parse(draft) as Json);
    } catch {
      change(path, draft);
    }
  };
  return (
    <textarea
      className="input"
      data-mono=""
      rows={Math.min(12, draft.split('\n').length + 1)}
      {...tiesOf(props)}
      readOnly={isReadOnly}
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={leave}
    />
  );
}
