import { SelectField } from '../../ui/fields.tsx';
import { Note } from '../../ui/layout.tsx';

/** For how long something that is made now is good. */
export function ExpiryField({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <>
      <SelectField label="Expires" value={value} onChange={onChange} choices={SPANS} />
      {value === NEVER && (
        <Note tone="warn" icon="warn" title="What never expires is good until somebody ends it">
          Whoever finds it can use it. Prefer an end, and rotate before it comes.
        </Note>
      )}
    </>
  );
}

const NEVER = 'never';

const SPANS = [
  ['1d', 'tomorrow'],
  ['30d', 'in 30 days'],
  ['90d', 'in 90 days'],
  ['365d', 'in a year'],
  [NEVER, 'never'],
] as const;

/** The same as the API takes it, for what is made. */
export function expiryOf(value: string): { readonly expiresIn?: string; readonly expiresAt?: null } {
  return value === NEVER ? { expiresAt: null } : { expiresIn: value };
}
