import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { useMay } from '../../api/rights.ts';
import type { ConsumerKey } from '../../api/types.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { SelectField, TextField } from '../../ui/fields.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { epochOf, localTime } from '../../ui/format.ts';
import { Empty } from '../../ui/layout.tsx';
import { WithDatabase } from '../../ui/states.tsx';
import type { Column } from '../../ui/table.tsx';
import { type Act, Credentials, type Window } from './credentials.tsx';
import { ExpiryField, expiryOf } from './expiry.tsx';

/** The keys that were issued to a consumer. */
export function Keys({ consumer, workspace }: { readonly consumer: string; readonly workspace: string }) {
  const may = useMay();
  return (
    <WithDatabase what="Keys that are issued here">
      <Credentials<ConsumerKey>
        title={`Keys of ${consumer}`}
        word="key"
        path={pathOf(consumer)}
        nameOf={({ id }) => id}
        columns={COLUMNS}
        create={(window) => <Create consumer={consumer} window={window} />}
        acts={ACTS}
        mayChange={may('editor', workspace)}
        empty={
          <Empty icon="key" title="No key was issued yet">
            A key is shown once and kept as a digest. Keys are no part of revisions: a roll back does not
            bring them back.
          </Empty>
        }
      />
    </WithDatabase>
  );
}

const pathOf = (consumer: string): string => `/v1/consumers/${encodeURIComponent(consumer)}/keys`;
const pathTo = ({ consumer, id }: ConsumerKey): string => `${pathOf(consumer)}/${id}`;

/** A key as it is shown once. */
type Shown = ConsumerKey & { readonly key: string };

const COLUMNS: readonly Column<ConsumerKey>[] = [
  {
    id: 'id',
    title: 'Key',
    value: ({ id }) => id,
    show: ({ id }) => <span className="mono">{id}…</span>,
    isHead: true,
  },
  {
    id: 'label',
    title: 'Label',
    value: ({ label }) => label,
    show: ({ label }) => label || <span className="muted">none</span>,
  },
];

const ACTS: readonly Act<ConsumerKey>[] = [
  { verb: 'Edit', window: (key, window) => <Edit of={key} window={window} /> },
  { verb: 'Rotate', isForActive: true, window: (key, window) => <Rotate of={key} window={window} /> },
  {
    verb: 'Revoke',
    window: (key, { close, done }) => (
      <Confirm
        title={`Revoke ${key.id}`}
        verb="Revoke"
        isDangerous
        run={() => ask(pathTo(key), { method: 'DELETE' })}
        onDone={() => done(`${key.id} is revoked`)}
        onClose={close}
      >
        Who calls with this key is refused at once, on all gateways. That cannot be undone.
      </Confirm>
    ),
  },
];

function Create({ consumer, window }: { readonly consumer: string; readonly window: Window }) {
  const [label, setLabel] = useState('');
  const [expiry, setExpiry] = useState('90d');
  return (
    <FormDialog
      title={`New key for ${consumer}`}
      verb="Create"
      run={() => ask<Shown>(pathOf(consumer), { method: 'POST', body: { label, ...expiryOf(expiry) } })}
      onDone={({ key }) => window.show(key)}
      onClose={window.close}
    >
      <TextField
        label="Label"
        value={label}
        onChange={setLabel}
        maxLength={200}
        placeholder="where it is used"
      />
      <ExpiryField value={expiry} onChange={setExpiry} />
    </FormDialog>
  );
}

/** A label and an end can be changed; the key cannot, it is rotated. */
function Edit({ of: key, window }: { readonly of: ConsumerKey; readonly window: Window }) {
  const before = key.expiresAt === null ? '' : localTime(epochOf(key.expiresAt));
  const [label, setLabel] = useState(key.label);
  const [end, setEnd] = useState(before);
  const expiresAt = end === '' ? null : new Date(end).getTime();
  return (
    <FormDialog
      title={`Edit ${key.id}`}
      verb="Save"
      isReady={expiresAt === null || Number.isFinite(expiresAt)}
      run={() =>
        ask<ConsumerKey>(pathTo(key), {
          method: 'PATCH',
          body: { label, ...(end !== before && { expiresAt }) },
        })
      }
      onDone={() => window.done(`${key.id} is changed`)}
      onClose={window.close}
    >
      <TextField
        label="Label"
        value={label}
        onChange={setLabel}
        maxLength={200}
        placeholder="where it is used"
      />
      <TextField
        label="Expires"
        hint="In the time of this browser. Empty: never."
        type="datetime-local"
        value={end}
        onChange={setEnd}
      />
    </FormDialog>
  );
}

const OVERLAPS = [
  ['0s', 'ends at once'],
  ['1h', 'is good for one hour more'],
  ['24h', 'is good for one day more'],
  ['7d', 'is good for a week more'],
] as const;

function Rotate({ of: key, window }: { readonly of: ConsumerKey; readonly window: Window }) {
  const [overlap, setOverlap] = useState('24h');
  return (
    <FormDialog
      title={`Rotate ${key.id}`}
      verb="Rotate"
      run={() => ask<Shown>(`${pathTo(key)}/rotate`, { method: 'POST', body: { overlap } })}
      onDone={(made) => window.show(made.key)}
      onClose={window.close}
    >
      <p>A new key is made, with the same label, and good for as long as this one was to be.</p>
      <SelectField
        label="The old key"
        hint="So that its owner has time to change over. Both work until then."
        value={overlap}
        onChange={setOverlap}
        choices={OVERLAPS}
      />
    </FormDialog>
  );
}
