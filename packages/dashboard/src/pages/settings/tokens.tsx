import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { useMutation, useQuery, useQueryClient } from '../../api/query.ts';
import type { AdminToken, Page, Role } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Card, Empty } from '../../ui/layout.tsx';
import { Loaded, Trouble } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { tell } from '../../ui/toasts.tsx';
import { Badge, Time } from '../../ui/words.tsx';
import { Secret } from '../objects/secret.tsx';

type Doing =
  | { readonly what: 'create' }
  | { readonly what: 'remove'; readonly token: AdminToken }
  | { readonly what: 'show'; readonly secret: string };

/** Tokens of this API that are kept in the database. */
export function Tokens() {
  const [doing, setDoing] = useState<Doing | null>(null);
  const client = useQueryClient();
  const tokens = useQuery({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => ask<Page<AdminToken>>('/v1/tokens', { signal, query: { limit: 500 } }),
  });
  const close = (): void => setDoing(null);
  const columns: readonly Column<AdminToken>[] = [
    { id: 'name', title: 'Name', value: ({ name }) => name, isHead: true },
    {
      id: 'id',
      title: 'Begins',
      value: ({ id }) => id,
      show: ({ id }) => <span className="mono">{id}…</span>,
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
    {
      id: 'used',
      title: 'Last used',
      value: ({ lastUsedAt }) => lastUsedAt,
      show: ({ lastUsedAt }) => <Time at={lastUsedAt} />,
      isWideOnly: true,
    },
    {
      id: 'expires',
      title: 'Expires',
      value: ({ expiresAt }) => expiresAt,
      show: ({ expiresAt }) => <Time at={expiresAt} />,
    },
    {
      id: 'act',
      title: 'Actions',
      value: () => '',
      align: 'end',
      show: (token) => (
        <Button
          size="small"
          onClick={() => setDoing({ what: 'remove', token })}
          aria-label={`Remove ${token.name}`}
        >
          Remove
        </Button>
      ),
    },
  ];
  return (
    <>
      <Loaded of={tokens}>
        {({ items }) => (
          <Card
            title="Tokens of the admin API"
            isPadded={false}
            aside={
              <Button look="primary" size="small" icon="plus" onClick={() => setDoing({ what: 'create' })}>
                New token
              </Button>
            }
          >
            <DataTable
              caption="Tokens"
              rows={items}
              columns={columns}
              empty={
                <Empty icon="key" title="No token was made here">
                  For scripts and for people without an identity provider. Tokens of the configuration file
                  are not listed.
                </Empty>
              }
            />
          </Card>
        )}
      </Loaded>
      {doing?.what === 'create' && (
        <Create
          onClose={close}
          onDone={async (secret) => {
            setDoing({ what: 'show', secret });
            await client.invalidateQueries({ queryKey: ['tokens'] });
          }}
        />
      )}
      {doing?.what === 'show' && <Secret title="The new token" secret={doing.secret} onClose={close} />}
      {doing?.what === 'remove' && (
        <Confirm
          title={`Remove the token ${doing.token.name}`}
          verb="Remove"
          isDangerous
          run={() => ask(`/v1/tokens/${doing.token.id}`, { method: 'DELETE' })}
          onDone={async () => {
            close();
            tell(`${doing.token.name} is not good any more`);
            await client.invalidateQueries({ queryKey: ['tokens'] });
          }}
          onClose={close}
        >
          Who calls with it is refused at once, on all gateways.
        </Confirm>
      )}
    </>
  );
}

function Create({
  onClose,
  onDone,
}: {
  readonly onClose: () => void;
  readonly onDone: (secret: string) => Promise<void>;
}) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [workspace, setWorkspace] = useState('');
  const [expiresIn, setExpiresIn] = useState('90d');
  const body = {
    name: name.trim(),
    ...(workspace.trim() === '' ? { role } : { workspaces: { [workspace.trim()]: role } }),
    ...(expiresIn !== '' && { expiresIn }),
  };
  const create = useMutation({
    mutationFn: () => ask<AdminToken & { readonly token: string }>('/v1/tokens', { method: 'POST', body }),
    onSuccess: ({ token }) => onDone(token),
  });
  return (
    <Dialog
      title="New token"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={name.trim() === '' || create.isPending}
            onClick={() => create.mutate()}
          >
            Create
          </Button>
        </>
      }
    >
      <div className="stack">
        {create.error && <Trouble error={create.error} />}
        <div className="field">
          <label className="field-label" htmlFor="token-name">
            Name, for the audit log
          </label>
          <input
            id="token-name"
            className="input"
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <div className="field">
          <label className="field-label" htmlFor="token-role">
            Role
          </label>
          <select
            id="token-role"
            className="input"
            value={role}
            onChange={(event) => setRole(event.target.value as Role)}
          >
            <option value="viewer">viewer: sees all but secrets</option>
            <option value="editor">editor: changes objects and keys</option>
            <option value="admin">admin: everything</option>
          </select>
        </div>
        <div className="field">
          <label className="field-label" htmlFor="token-workspace">
            Only in this workspace (empty: in all)
          </label>
          <input
            id="token-workspace"
            className="input"
            data-mono=""
            value={workspace}
            onChange={(event) => setWorkspace(event.target.value)}
          />
        </div>
        <div className="field">
          <label className="field-label" htmlFor="token-expires">
            Expires
          </label>
          <select
            id="token-expires"
            className="input"
            value={expiresIn}
            onChange={(event) => setExpiresIn(event.target.value)}
          >
            <option value="1d">tomorrow</option>
            <option value="90d">in 90 days</option>
            <option value="365d">in a year</option>
            <option value="">never</option>
          </select>
        </div>
      </div>
    </Dialog>
  );
}
