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
  const writable = names.filter((name) => may('editor', name));
  // Into one workspace at a time: the chosen one, or else that in which everybody begins, if it is ours.
  const target = [workspace, 'default', ...writable].find((name) => writable.includes(name));
  return (
    <div className="stack">
      {names.length > 1 && (
        <Card>
          <div className="form-narrow">
            <SelectField
              label="Workspace"
              {...(target !== undefined &&
                workspace === '' && { hint: `What is imported goes to “${target}”.` })}
              value={workspace}
              onChange={setWorkspace}
              choices={[['', 'all that you may see'], ...names.map((name) => [name, name] as const)]}
            />
          </div>
        </Card>
      )}
      <Export workspace={workspace} />
      {target !== undefined && (workspace === '' || workspace === target) && <Import workspace={target} />}
    </div>
  );
}
