import { type ReactNode, useMemo, useState } from 'react';
import { ask } from '../../api/client.ts';
import { useQuery, useQueryClient } from '../../api/query.ts';
import type { Page } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { epochOf } from '../../ui/format.ts';
import { Card } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { tell } from '../../ui/toasts.tsx';
import { Badge, Time } from '../../ui/words.tsx';
import { Secret } from './secret.tsx';

/** Something that lets its owner in. The secret itself is known to nobody but them. */
export interface Credential {
  readonly id: string;
  readonly createdAt: number | string;
  readonly createdBy: string;
  readonly expiresAt: number | string | null;
  readonly lastUsedAt: number | string | null;
  readonly revokedAt?: number | string | null;
}

/** What a window on one of them may do when it has done its work. */
export interface Window {
  readonly close: () => void;
  /** Closes it, and says what was done. */
  readonly done: (text: string) => Promise<void>;
  /** Shows a secret in its place. */
  readonly show: (secret: string) => Promise<void>;
}

/** Something that can be done with one. */
export interface Act<T> {
  readonly verb: string;
  /** Makes sense only as long as it is good. */
  readonly isForActive?: boolean;
  readonly window: (of: T, window: Window) => ReactNode;
}

type Doing =
  | { readonly what: 'secret'; readonly secret: string }
  | { readonly what: 'window'; readonly open: (window: Window) => ReactNode };

/** Keys of consumers and tokens of the API: a list, windows to make, change and end them, and the secret, once. */
export function Credentials<T extends Credential>({
  title,
  word,
  path,
  nameOf,
  columns,
  create,
  acts,
  mayChange,
  empty,
}: {
  readonly title: string;
  /** What one is called. */
  readonly word: string;
  readonly path: string;
  /** How buttons name one. */
  readonly nameOf: (of: T) => string;
  readonly columns: readonly Column<T>[];
  readonly create: (window: Window) => ReactNode;
  readonly acts: readonly Act<T>[];
  readonly mayChange: boolean;
  readonly empty: ReactNode;
}) {
  const [doing, setDoing] = useState<Doing | null>(null);
  const client = useQueryClient();
  const queryKey = ['credentials', path];
  const all = useQuery({
    queryKey,
    queryFn: ({ signal }) => ask<Page<T>>(path, { signal, query: { limit: 500 } }),
    refetchInterval: 15_000,
  });
  const close = (): void => setDoing(null);
  const window: Window = {
    close,
    done: async (text) => {
      close();
      tell(text);
      await client.invalidateQueries({ queryKey });
    },
    show: async (secret) => {
      setDoing({ what: 'secret', secret });
      await client.invalidateQueries({ queryKey });
    },
  };
  const open = (one: (window: Window) => ReactNode): void => setDoing({ what: 'window', open: one });
  const shown = useMemo(
    () =>
      [...columns, ...TIMES, ...(mayChange ? [actsColumn(acts, nameOf, open)] : [])] as readonly Column<T>[],
    [columns, acts, mayChange],
  );
  return (
    <>
      <Loaded of={all}>
        {({ items }) => (
          <Card
            title={title}
            isPadded={false}
            aside={
              mayChange && (
                <Button look="primary" size="small" icon="plus" onClick={() => open(create)}>
                  New {word}
                </Button>
              )
            }
          >
            <DataTable caption={title} rows={items} columns={shown} empty={empty} />
          </Card>
        )}
      </Loaded>
      {doing?.what === 'secret' && <Secret title={`The new ${word}`} secret={doing.secret} onClose={close} />}
      {doing?.what === 'window' && doing.open(window)}
    </>
  );
}

/** Whether it is good yet. */
export function stateOf({ revokedAt = null, expiresAt }: Credential): 'active' | 'revoked' | 'expired' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && epochOf(expiresAt) < Date.now() ? 'expired' : 'active';
}

const TIMES: readonly Column<Credential>[] = [
  {
    id: 'state',
    title: 'State',
    value: stateOf,
    show: (one) => <Badge tone={stateOf(one) === 'active' ? 'ok' : 'bad'}>{stateOf(one)}</Badge>,
  },
  {
    id: 'expires',
    title: 'Expires',
    value: ({ expiresAt }) => expiresAt,
    show: ({ expiresAt }) =>
      expiresAt === null ? <span className="muted">never</span> : <Time at={expiresAt} />,
  },
  {
    id: 'used',
    title: 'Last used',
    value: ({ lastUsedAt }) => lastUsedAt,
    show: ({ lastUsedAt }) => <Time at={lastUsedAt} />,
    isWideOnly: true,
  },
  {
    id: 'created',
    title: 'Created',
    value: ({ createdAt }) => createdAt,
    show: ({ createdAt, createdBy }) => (
      <>
        <Time at={createdAt} /> <span className="muted">by {createdBy}</span>
      </>
    ),
    isWideOnly: true,
  },
];

function actsColumn<T extends Credential>(
  acts: readonly Act<T>[],
  nameOf: (of: T) => string,
  open: (one: (window: Window) => ReactNode) => void,
): Column<T> {
  return {
    id: 'act',
    isCommand: true,
    title: 'Actions',
    value: () => '',
    align: 'end',
    show: (one) =>
      stateOf(one) !== 'revoked' && (
        <span className="row-acts">
          {actsFor(one, acts).map(({ verb, window }) => (
            <Button
              key={verb}
              size="small"
              onClick={() => open((given) => window(one, given))}
              aria-label={`${verb} ${nameOf(one)}`}
            >
              {verb}
            </Button>
          ))}
        </span>
      ),
  };
}

function actsFor<T extends Credential>(one: T, acts: readonly Act<T>[]): readonly Act<T>[] {
  return acts.filter(({ isForActive = false }) => !isForActive || stateOf(one) === 'active');
}
