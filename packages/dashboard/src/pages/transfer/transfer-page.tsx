import { useState } from 'react';
import { useLive } from '../../api/gateway.ts';
import { useMay } from '../../api/rights.ts';
import type { Page as ListPage, Workspace } from '../../api/types.ts';
import { SelectField } from '../../ui/fields.tsx';
import { Card, PageHead } from '../../ui/layout.tsx';
import { WithDatabase } from '../../ui/states.tsx';
import { Export } from './export.tsx';
import { Import } from './import.tsx';

/** The objects of the database as one document: out to a file, and in from one. */
export function Page() {
  return (
    <>
      <PageHead
        title="Import & export"
        lead="All objects of the database as one document, in the form of configuration files."
      />
      <WithDatabase what="Import and export">
        <Both />
      </WithDatabase>
    </>
  );
}

function Both() {
  const [workspace, setWorkspace] = useState('');
  const may = useMay();
  const { data } = useLive<ListPage<Workspace>>('/v1/workspaces?limit=500', false);
  const names = (data?.items ?? []).map(({ name }) => name);
  return (
    <div className="stack">
      {names.length > 1 && (
        <Card>
          <div className="form-narrow">
            <SelectField
              label="Workspace"
              hint="All: everything you may see is exported; what is imported goes to “default”."
              value={workspace}
              onChange={setWorkspace}
              choices={[['', 'all'], ...names.map((name) => [name, name] as const)]}
            />
          </div>
        </Card>
      )}
      <Export workspace={workspace} />
      {may('editor', workspace === '' ? 'default' : workspace) && (
        <Import workspace={workspace === '' ? 'default' : workspace} />
      )}
    </div>
  );
}
