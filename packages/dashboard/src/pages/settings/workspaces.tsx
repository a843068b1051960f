import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { useQuery, useQueryClient } from '../../api/query.ts';
import { useMay } from '../../api/rights.ts';
import type { Page, Workspace } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { TextField } from '../../ui/fields.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Card, Empty } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { tell } from '../../ui/toasts.tsx';

const NEW: Workspace = { name: '', description: '', hosts: [], paths: [] };
type Doing = { readonly what: 'edit' | 'remove'; readonly workspace: Workspace };

/** Parts of the gateway for teams. */
export function Workspaces() {
  const [doing, setDoing] = useState<Doing | null>(null);
  const client = useQueryClient();
  const mayChange = useMay()('admin');
  const workspaces = useQuery({
    queryKey: ['workspaces'],
    queryFn: ({ signal }) => ask<Page<Workspace>>('/v1/workspaces', { signal, query: { limit: 500 } }),
  });
  const done = async (text: string): Promise<void> => {
    setDoing(null);
    tell(text);
    await client.invalidateQueries();
  };
  const actions: Column<Workspace> = {
    id: 'act',
    isCommand: true,
    title: 'Actions',
    value: () => '',
    align: 'end',
    show: (workspace) => (
      <span className="row-acts">
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
    ...(mayChange ? [actions] : []),
  ];
  return (
    <>
      <Loaded of={workspaces}>
        {({ items }) => (
          <Card
            title="Workspaces"
            isPadded={false}
            aside={
              mayChange && (
                <Button
                  look="primary"
                  size="small"
                  icon="plus"
                  onClick={() => setDoing({ what: 'edit', workspace: NEW })}
                >
                  New workspace
                </Button>
              )
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
  const isNew = workspace.name === '';
  const [name, setName] = useState(workspace.name);
  const [description, setDescription] = useState(workspace.description);
  const [hosts, setHosts] = useState(workspace.hosts.join(' '));
  const [paths, setPaths] = useState(workspace.paths.join(' '));
  return (
    <FormDialog
      title={isNew ? 'New workspace' : `Workspace ${workspace.name}`}
      verb="Save"
      isReady={name !== ''}
      run={() =>
        ask(`/v1/workspaces/${encodeURIComponent(name)}`, {
          method: 'PUT',
          body: { description, hosts: wordsOf(hosts), paths: wordsOf(paths) },
        })
      }
      onDone={() => onDone(`${name} is saved`)}
      onClose={onClose}
    >
      <TextField label="Name" value={name} onChange={setName} placeholder="payments" readOnly={!isNew} />
      <TextField label="About" value={description} onChange={setDescription} placeholder="for whom it is" />
      <TextField
        label="Hosts that its routes may take"
        hint="Empty: any."
        value={hosts}
        onChange={setHosts}
        placeholder="*.team.example"
        isMono
      />
      <TextField
        label="Beginnings of paths"
        hint="Empty: any."
        value={paths}
        onChange={setPaths}
        placeholder="/team/"
        isMono
      />
    </FormDialog>
  );
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
