import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { useLive } from '../../api/gateway.ts';
import { useMay } from '../../api/rights.ts';
import type { AdminToken, Page, Role, Workspace } from '../../api/types.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { SelectField, TextField } from '../../ui/fields.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Empty } from '../../ui/layout.tsx';
import type { Column } from '../../ui/table.tsx';
import { Badge } from '../../ui/words.tsx';
import { type Act, Credentials, type Window } from './credentials.tsx';
import { ExpiryField, expiryOf } from './expiry.tsx';

/** Tokens of this API that are kept in the database. */
export function Tokens() {
  const may = useMay();
  return (
    <Credentials<AdminToken>
      title="Tokens of the admin API"
      word="token"
      path="/v1/tokens"
      nameOf={({ name }) => name}
      columns={COLUMNS}
      create={(window) => <Create window={window} />}
      acts={ACTS}
      mayChange={may('admin')}
      empty={
        <Empty icon="key" title="No token was made here">
          For scripts and for people without an identity provider. Tokens of the configuration file are not
          listed.
        </Empty>
      }
    />
  );
}

const COLUMNS: readonly Column<AdminToken>[] = [
  { id: 'name', title: 'Name', value: ({ name }) => name, isHead: true },
  {
    id: 'id',
    title: 'Begins',
    value: ({ id }) => id,
    show: ({ id }) => <span className="mono">{id}…</span>,
    isWideOnly: true,
  },
  {
    id: 'role',
    title: 'Role',
    value: ({ role }) => role,
    show: ({ role, workspaces }) =>
      role === null ? (
        Object.entries(workspaces)
          .map(([name, one]) => `${one} in ${name}`)
          .join(', ')
      ) : (
        <Badge>{role}</Badge>
      ),
  },
];

const ACTS: readonly Act<AdminToken>[] = [
  {
    verb: 'Remove',
    window: (token, { close, done }) => (
      <Confirm
        title={`Remove the token ${token.name}`}
        verb="Remove"
        isDangerous
        run={() => ask(`/v1/tokens/${token.id}`, { method: 'DELETE' })}
        onDone={() => done(`${token.name} is not good any more`)}
        onClose={close}
      >
        Who calls with it is refused at once, on all gateways.
      </Confirm>
    ),
  },
];

const ROLES = [
  ['viewer', 'viewer: sees all but secrets'],
  ['editor', 'editor: changes objects and keys'],
  ['admin', 'admin: everything'],
] as const satisfies readonly (readonly [Role, string])[];

function Create({ window }: { readonly window: Window }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<string>('viewer');
  const [workspace, setWorkspace] = useState('');
  const [expiry, setExpiry] = useState('90d');
  const workspaces = useLive<Page<Workspace>>('/v1/workspaces?limit=500', false).data?.items ?? [];
  const body = {
    name: name.trim(),
    ...(workspace === '' ? { role } : { workspaces: { [workspace]: role } }),
    ...expiryOf(expiry),
  };
  return (
    <FormDialog
      title="New token"
      verb="Create"
      isReady={name.trim() !== ''}
      run={() => ask<AdminToken & { readonly token: string }>('/v1/tokens', { method: 'POST', body })}
      onDone={({ token }) => window.show(token)}
      onClose={window.close}
    >
      <TextField label="Name, for the audit log" value={name} onChange={setName} maxLength={100} />
      <SelectField label="Role" value={role} onChange={setRole} choices={ROLES} />
      <SelectField
        label="Where"
        value={workspace}
        onChange={setWorkspace}
        choices={[
          ['', 'in all workspaces'],
          ...workspaces.map((one) => [one.name, `only in ${one.name}`] as const),
        ]}
      />
      <ExpiryField value={expiry} onChange={setExpiry} />
    </FormDialog>
  );
}
