import { useCertificates } from '../../api/gateway.ts';
import type { ShownCertificate } from '../../api/types.ts';
import { hrefOf } from '../../router/location.ts';
import { Card, Empty } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { Badge } from '../../ui/words.tsx';
import { Ends, Names } from './certificate-words.tsx';

/** What listeners show to clients: of files, of authorities and of the database, or only one of these. */
export function ShownCertificates({ name }: { readonly name?: string }) {
  const shown = useCertificates();
  return (
    <Loaded of={shown} rows={3}>
      {(all) => (
        <Card title="What listeners show" isPadded={false}>
          <DataTable
            caption="What listeners show"
            rows={name === undefined ? all : all.filter((one) => one.name === name)}
            columns={COLUMNS}
            empty={
              <Empty
                icon="certificates"
                title={name === undefined ? 'No listener has TLS' : 'No listener shows it'}
              >
                Certificates are shown by listeners that have <code>tls</code> in a file.
              </Empty>
            }
          />
        </Card>
      )}
    </Loaded>
  );
}

const SOURCES = { file: 'file', configuration: 'file', database: 'database', acme: 'ACME' } as const;

const COLUMNS: readonly Column<ShownCertificate>[] = [
  {
    id: 'names',
    title: 'Names',
    value: ({ names }) => names.join(' '),
    show: ({ names }) => <Names of={names} />,
    isHead: true,
  },
  {
    id: 'listener',
    title: 'Listener',
    value: ({ listener }) => listener,
    show: ({ listener, isDefault }) => (
      <span className="row">
        {listener} {isDefault && <Badge>for all other names</Badge>}
      </span>
    ),
  },
  { id: 'ends', title: 'Expires', value: ({ notAfter }) => notAfter, show: (one) => <Ends of={one} /> },
  {
    id: 'source',
    title: 'From',
    value: ({ source }) => source,
    show: ({ source, name, file }) => (
      <>
        {SOURCES[source]}{' '}
        {name === null ? (
          <span className="mono muted">{file}</span>
        ) : (
          <a className="in-text" href={hrefOf(['certificates', name])}>
            {name}
          </a>
        )}
      </>
    ),
    isWideOnly: true,
  },
  {
    id: 'issuer',
    title: 'Issuer',
    value: ({ issuer }) => issuer,
    show: ({ issuer, acme }) => acme?.problem || issuer || <span className="muted">–</span>,
    isWideOnly: true,
  },
];
