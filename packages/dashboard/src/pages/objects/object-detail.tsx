import { useState } from 'react';
import { wordsOf } from '../../api/kinds.ts';
import { removeObject, useObject } from '../../api/objects.ts';
import { useMay } from '../../api/rights.ts';
import type { Kind, ObjectView } from '../../api/types.ts';
import { Editor } from '../../editor/editor.tsx';
import { Review } from '../../editor/review.tsx';
import { go, hrefOf } from '../../router/location.ts';
import { Button } from '../../ui/button.tsx';
import { Note, PageHead } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { type Tab, Tabs } from '../../ui/tabs.tsx';
import { Badge, State, Time } from '../../ui/words.tsx';
import { History } from './history.tsx';
import { Keys } from '../credentials/keys.tsx';
import { LoadOf } from './load-of.tsx';
import { ProviderStatus } from './provider-status.tsx';
import { ShownCertificates } from './shown-certificates.tsx';
import { ServiceEndpoints } from './service-endpoints.tsx';

/** One object: what it is, how it does, what it was. */
export function ObjectDetail({ kind, name }: { readonly kind: Kind; readonly name: string }) {
  const object = useObject(kind, name);
  const words = wordsOf(kind);
  const [isRemoving, setRemoving] = useState(false);
  const may = useMay();
  const data = object.data;
  const mayChange = data !== undefined && !data.isReadOnly && may('editor', data.workspace);
  return (
    <>
      <PageHead
        title={name}
        crumb={
          <>
            <a href={`#/${words.path}`}>{words.many}</a> / {words.one}
          </>
        }
        lead={data && <Whence object={data} />}
      >
        {mayChange && (
          <Button icon="trash" onClick={() => setRemoving(true)}>
            Remove
          </Button>
        )}
      </PageHead>
      <Loaded of={object} rows={10}>
        {(one) => (
          <div className="stack">
            <Trouble object={one} />
            <Tabs label={`${words.one} ${name}`} tabs={tabsOf(one, mayChange)} />
          </div>
        )}
      </Loaded>
      {isRemoving && data && (
        <Review
          title={`Remove ${words.one} ${name}`}
          verb="Remove"
          dryRun={() => removeObject(data, { isDryRun: true })}
          run={(message) => removeObject(data, { isDryRun: false, message })}
          onDone={() => go(hrefOf([words.path]))}
          onClose={() => setRemoving(false)}
        />
      )}
    </>
  );
}

function tabsOf(object: ObjectView, mayChange: boolean): readonly Tab[] {
  const { kind, name, workspace, etag, document } = object;
  const edited = { kind, name, workspace, etag, document };
  return [
    ...(kind === 'consumers'
      ? [{ id: 'keys', label: 'Keys', content: () => <Keys consumer={name} workspace={workspace} /> }]
      : []),
    {
      id: 'settings',
      label: mayChange ? 'Edit' : 'Configuration',
      content: () => <Editor edited={edited} isReadOnly={!mayChange} />,
    },
    ...(kind === 'services'
      ? [{ id: 'endpoints', label: 'Endpoints', content: () => <ServiceEndpoints service={name} /> }]
      : []),
    ...(kind === 'identityProviders'
      ? [{ id: 'status', label: 'Keys and status', content: () => <ProviderStatus name={name} /> }]
      : []),
    ...(kind === 'certificates'
      ? [{ id: 'shown', label: 'Where it is shown', content: () => <ShownCertificates name={name} /> }]
      : []),
    ...(kind === 'services' || kind === 'routes'
      ? [{ id: 'load', label: 'Load', content: () => <LoadOf kind={kind} name={name} /> }]
      : []),
    ...(object.owner === 'database'
      ? [{ id: 'history', label: 'History', content: () => <History kind={kind} name={name} /> }]
      : []),
  ];
}

/** Where it is written, and by whom. */
function Whence({ object }: { readonly object: ObjectView }) {
  const { owner, origin, revision, updatedAt, updatedBy, workspace } = object;
  if (owner === 'files')
    return (
      <>
        <Badge icon="file">file</Badge>{' '}
        {origin ? <code>{`${origin.file}:${origin.line}`}</code> : 'of the configuration'}
      </>
    );
  return (
    <>
      <Badge icon="database">{workspace}</Badge> revision <a href={`#/revisions/${revision}`}>{revision}</a>
      {updatedBy && ` by ${updatedBy}`} {updatedAt !== null && <Time at={updatedAt} />}
    </>
  );
}

/** Why an object of the database is not used as it is. */
function Trouble({ object: { status } }: { readonly object: ObjectView }) {
  if (status.state === 'active') return null;
  return (
    <Note tone="warn" icon="warn" title={<State state={status.state} />}>
      {status.state === 'shadowed'
        ? 'A file has an object of this name, and files win. This one is kept and not used.'
        : 'It does not fit the rest of the configuration, so it is left out.'}{' '}
      {status.reason}{' '}
      {status.usedRevision !== null && (
        <>
          In its place, the version of{' '}
          <a href={`#/revisions/${status.usedRevision}`}>revision {status.usedRevision}</a> is used.
        </>
      )}
    </Note>
  );
}
