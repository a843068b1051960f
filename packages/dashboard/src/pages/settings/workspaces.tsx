import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { useMutation, useQuery, useQueryClient } from '../../api/query.ts';
import type { Page, Workspace } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Card, Empty } from '../../ui/layout.tsx';
import { Loaded, Trouble } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { tell } from '../../ui/toasts.tsx';

const NEW: Workspace = { name: '', description: '', hosts: [], paths: [] };
type Doing = { readonly what: 'edit' | 'remove'; readonly workspace: Workspace };

/** Parts of the gateway for teams. */
export function Workspaces() {
  const [doing, setDoing] = useState<Doing | null>(null);
  const client = useQueryClient();
  const workspaces = useQuery({
    queryKey: ['workspaces'],
    queryFn: ({ signal }) => ask<Page<Workspace>>('/v1/workspaces', { signal, query: { limit: 500 } }),
  });
  const done = async (text: string): Promise<void> => {
    setDoing(null);
    tell(text);
    await client.invalidateQueries();
  };
  const columns: readonly Column<Workspace>[] = [
    { id: 'name', title: 'Name', value: ({ name }) => name, isHead: true },
    { id: 'about', title: 'About', value: ({ description }) => description },
    {
      id: 'hosts',
      title: 'Hosts',
      value: ({ hosts }) => hosts.join(', '),
      show: ({ hosts }) => <code>{hosts.join(', ') || 'any'}</code>,
    },
    {
      id: 'paths',
      title: 'Paths',
      value: ({ paths }) => paths.join(', '),
      show: ({ paths }) => <code>{paths.join(', ') || 'any'}</code>,
    },
    {
      id: 'act',
      title: 'Actions',
      value: () => '',
      align: 'end',
      show: (workspace) => (
        <span className="row" style={{ justifyContent: 'end', flexWrap: 'nowrap' }}>
          <Button
            size="small"
            aria-label={`Edit ${workspace.name}`}
            onClick={() => setDoing({ what: 'edit', workspace })}
          >
            Edit
          </Button>
          {workspace.name !== 'default' && (
            <Button
              size="small"
              aria-label={`Remove ${workspace.name}`}
              onClick={() => setDoing({ what: 'remove', workspace })}
            >
              Remove
            </Button>
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      <Loaded of={workspaces}>
        {({ items }) => (
          <Card
            title="Workspaces"
            isPadded={false}
            aside={
              <Button
                look="primary"
                size="small"
                icon="plus"
                onClick={() => setDoing({ what: 'edit', workspace: NEW })}
              >
                New workspace
              </Button>
            }
          >
            <DataTable
              caption="Workspaces"
              rows={items}
              columns={columns}
              empty={<Empty icon="lists" title="There is only the default one" />}
            />
          </Card>
        )}
      </Loaded>
      {doing?.what === 'edit' && (
        <Edit workspace={doing.workspace} onClose={() => setDoing(null)} onDone={done} />
      )}
      {doing?.what === 'remove' && (
        <Confirm
          title={`Remove the workspace ${doing.workspace.name}`}
          verb="Remove"
          isDangerous
          run={() => ask(`/v1/workspaces/${encodeURIComponent(doing.workspace.name)}`, { method: 'DELETE' })}
          onDone={() => done(`${doing.workspace.name} is gone`)}
          onClose={() => setDoing(null)}
        >
          Only one that is empty can be removed.
        </Confirm>
      )}
    </>
  );
}

function Edit({
  workspace,
  onClose,
  onDone,
}: {
  readonly workspace: Workspace;
  readonly onClose: () => void;
  readonly onDone: (text: string) => Promise<void>;
}) {
  const [name, setName] = useState(workspace.name);
  const [description, setDescription] = useState(workspace.description);
  const [hosts, setHosts] = useState(workspace.hosts.join(' '));
  const [paths, setPaths] = useState(workspace.paths.join(' '));
  const save = useMutation({
    mutationFn: () =>
      ask(`/v1/workspaces/${encodeURIComponent(name)}`, {
        method: 'PUT',
        body: { description, hosts: wordsOf(hosts), paths: wordsOf(paths) },
      }),
    onSuccess: () => onDone(`${name} is saved`),
  });
  const fields = [
    ['workspace-name', 'Name', name, setName, 'payments'],
    ['workspace-about', 'About', description, setDescription, 'for whom it is'],
    ['workspace-hosts', 'Hosts that its routes may take (empty: any)', hosts, setHosts, '*.team.example'],
    ['workspace-paths', 'Beginnings of paths (empty: any)', paths, setPaths, '/team/'],
  ] as const;
  return (
    <Dialog
      title={workspace.name === '' ? 'New workspace' : `Workspace ${workspace.name}`}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={name === '' || save.isPending} onClick={() => save.mutate()}>
            Save
          </Button>
        </>
      }
    >
      <div className="stack">
        {save.error && <Trouble error={save.error} />}
        {fields.map(([id, label, value, change, example]) => (
          <div key={id} className="field">
            <label className="field-label" htmlFor={id}>
              {label}
            </label>
            <input
              id={id}
              className="input"
              value={value}
              placeholder={example}
              readOnly={id === 'workspace-name' && workspace.name !== ''}
              onChange={(event) => change(event.target.value)}
            />
          </div>
        ))}
      </div>
    </Dialog>
  );
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
