import { wordsOf } from '../../api/kinds.ts';
import { useLive } from '../../api/gateway.ts';
import { useMay } from '../../api/rights.ts';
import type { Kind, Page, Workspace } from '../../api/types.ts';
import { Editor } from '../../editor/editor.tsx';
import { useQueryValue } from '../../router/location.ts';
import { PageHead } from '../../ui/layout.tsx';
import { WithDatabase } from '../../ui/states.tsx';

/** A new object: its name, then what it is. */
export function NewObject({ kind }: { readonly kind: Kind }) {
  const words = wordsOf(kind);
  const [wanted, setWorkspace] = useQueryValue('workspace', 'default');
  const may = useMay();
  const workspaces = useLive<Page<Workspace> | readonly Workspace[]>('/v1/workspaces', false);
  const names = listOf(workspaces.data)
    .map(({ name }) => name)
    .filter((name) => may('editor', name));
  const workspace = names.includes(wanted) ? wanted : (names[0] ?? wanted);
  return (
    <>
      <PageHead
        title={`New ${words.one}`}
        lead={words.lead}
        crumb={<a href={`#/${words.path}`}>{words.many}</a>}
      >
        {names.length > 1 && (
          <select
            className="input"
            aria-label="Workspace"
            value={workspace}
            onChange={(event) => setWorkspace(event.target.value)}
          >
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </PageHead>
      <WithDatabase what={`New ${words.many.toLowerCase()}`}>
        <Editor edited={{ kind, name: '', workspace, etag: null, document: null }} />
      </WithDatabase>
    </>
  );
}

function listOf(given: Page<Workspace> | readonly Workspace[] | undefined): readonly Workspace[] {
  if (given === undefined) return [];
  return 'items' in given ? given.items : given;
}
