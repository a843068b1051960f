import { useMemo, useState } from 'react';
import { ask } from '../../api/client.ts';
import { useMutation, useQuery, useQueryClient } from '../../api/query.ts';
import type { ConsumerKey, Page } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { epochOf } from '../../ui/format.ts';
import { Card, Empty, Note } from '../../ui/layout.tsx';
import { Loaded, Trouble, WithDatabase } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { tell } from '../../ui/toasts.tsx';
import { Badge, Time } from '../../ui/words.tsx';
import { Secret } from './secret.tsx';

/** A key as it is shown once. */
type Shown = ConsumerKey & { readonly key: string };

type Doing =
  | { readonly what: 'create' }
  | { readonly what: 'rotate' | 'revoke'; readonly key: ConsumerKey }
  | { readonly what: 'show'; readonly key: Shown };

/** The keys that were issued to a consumer. */
export function Keys({ consumer }: { readonly consumer: string }) {
  return (
    <WithDatabase what="Keys that are issued here">
      <KeyTable consumer={consumer} />
    </WithDatabase>
  );
}

const pathOf = (consumer: string): string => `/v1/consumers/${encodeURIComponent(consumer)}/keys`;

function KeyTable({ consumer }: { readonly consumer: string }) {
  const [doing, setDoing] = useState<Doing | null>(null);
  const client = useQueryClient();
  const queryKey = ['keys', consumer];
  const keys = useQuery({
    queryKey,
    queryFn: ({ signal }) => ask<Page<ConsumerKey>>(pathOf(consumer), { signal, query: { limit: 500 } }),
    refetchInterval: 15_000,
  });
  const columns = useMemo(() => columnsFor(setDoing), []);
  const close = (): void => setDoing(null);
  const done = async (text: string): Promise<void> => {
    close();
    tell(text);
    await client.invalidateQueries({ queryKey });
  };
  const show = async (key: Shown): Promise<void> => {
    setDoing({ what: 'show', key });
    await client.invalidateQueries({ queryKey });
  };
  return (
    <>
      <Loaded of={keys}>
        {({ items }) => (
          <Card
            title="Issued keys"
            isPadded={false}
            aside={
              <Button look="primary" size="small" icon="plus" onClick={() => setDoing({ what: 'create' })}>
                New key
              </Button>
            }
          >
            <DataTable
              caption={`Keys of ${consumer}`}
              rows={items}
              columns={columns}
              empty={
                <Empty icon="key" title="No key was issued yet">
                  A key is shown once and kept as a digest. Keys are no part of revisions: a roll back does
                  not bring them back.
                </Empty>
              }
            />
          </Card>
        )}
      </Loaded>
      {doing?.what === 'create' && <CreateKey consumer={consumer} onClose={close} onDone={show} />}
      {doing?.what === 'show' && <Secret title="The new key" secret={doing.key.key} onClose={close} />}
      {doing?.what === 'rotate' && (
        <Confirm
          title={`Rotate ${doing.key.id}`}
          verb="Rotate"
          run={() =>
            ask<Shown>(`${pathOf(consumer)}/${doing.key.id}/rotate`, {
              method: 'POST',
              body: { overlap: '24h' },
            })
          }
          onDone={show}
          onClose={close}
        >
          A new key is made. The old one is good for 24 hours more, so that its owner has time to change it.
        </Confirm>
      )}
      {doing?.what === 'revoke' && (
        <Confirm
          title={`Revoke ${doing.key.id}`}
          verb="Revoke"
          isDangerous
          run={() => ask(`${pathOf(consumer)}/${doing.key.id}`, { method: 'DELETE' })}
          onDone={() => done(`${doing.key.id} is revoked`)}
          onClose={close}
        >
          Who calls with this key is refused at once, on all gateways. That cannot be undone.
        </Confirm>
      )}
    </>
  );
}

function stateOf({ revokedAt, expiresAt }: ConsumerKey): 'active' | 'revoked' | 'expired' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && epochOf(expiresAt) < Date.now() ? 'expired' : 'active';
}

function columnsFor(act: (doing: Doing) => void): readonly Column<ConsumerKey>[] {
  return [
    {
      id: 'id',
      title: 'Key',
      value: ({ id }) => id,
      show: ({ id }) => <span className="mono">{id}…</span>,
      isHead: true,
    },
    { id: 'label', title: 'Label', value: ({ label }) => label },
    {
      id: 'state',
      title: 'State',
      value: stateOf,
      show: (key) => <Badge tone={stateOf(key) === 'active' ? 'ok' : 'bad'}>{stateOf(key)}</Badge>,
    },
    {
      id: 'used',
      title: 'Last used',
      value: ({ lastUsedAt }) => lastUsedAt,
      show: ({ lastUsedAt }) => <Time at={lastUsedAt} />,
    },
    {
      id: 'expires',
      title: 'Expires',
      value: ({ expiresAt }) => expiresAt,
      show: ({ expiresAt }) => <Time at={expiresAt} />,
      isWideOnly: true,
    },
    {
      id: 'created',
      title: 'Created',
      value: ({ createdAt }) => createdAt,
      show: ({ createdAt }) => <Time at={createdAt} />,
      isWideOnly: true,
    },
    {
      id: 'act',
      title: 'Actions',
      value: () => '',
      align: 'end',
      show: (key) =>
        stateOf(key) === 'active' && (
          <span className="row" style={{ justifyContent: 'end', flexWrap: 'nowrap' }}>
            <Button size="small" onClick={() => act({ what: 'rotate', key })} aria-label={`Rotate ${key.id}`}>
              Rotate
            </Button>
            <Button size="small" onClick={() => act({ what: 'revoke', key })} aria-label={`Revoke ${key.id}`}>
              Revoke
            </Button>
          </span>
        ),
    },
  ];
}

function CreateKey({
  consumer,
  onClose,
  onDone,
}: {
  readonly consumer: string;
  readonly onClose: () => void;
  readonly onDone: (key: Shown) => Promise<void>;
}) {
  const [label, setLabel] = useState('');
  const [expiresIn, setExpiresIn] = useState('90d');
  const create = useMutation({
    mutationFn: () =>
      ask<Shown>(pathOf(consumer), {
        method: 'POST',
        body: { label, ...(expiresIn !== '' && { expiresIn }) },
      }),
    onSuccess: onDone,
  });
  return (
    <Dialog
      title={`New key for ${consumer}`}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={create.isPending} onClick={() => create.mutate()}>
            Create
          </Button>
        </>
      }
    >
      <div className="stack">
        {create.error && <Trouble error={create.error} />}
        <div className="field">
          <label className="field-label" htmlFor="key-label">
            Label
          </label>
          <input
            id="key-label"
            className="input"
            value={label}
            placeholder="where it is used"
            onChange={(event) => setLabel(event.target.value)}
          />
        </div>
        <div className="field">
          <label className="field-label" htmlFor="key-expires">
            Expires
          </label>
          <select
            id="key-expires"
            className="input"
            value={expiresIn}
            onChange={(event) => setExpiresIn(event.target.value)}
          >
            <option value="30d">in 30 days</option>
            <option value="90d">in 90 days</option>
            <option value="365d">in a year</option>
            <option value="">never</option>
          </select>
        </div>
        {expiresIn === '' && (
          <Note tone="warn" icon="warn" title="A key that never expires is good until somebody revokes it">
            Whoever finds it can use it. Prefer one that expires, and rotate it.
          </Note>
        )}
      </div>
    </Dialog>
  );
}
