import { useStatus } from '../../api/gateway.ts';
import { Card, Empty, Facts, Note } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { State, Time } from '../../ui/words.tsx';

/** What this gateway knows of an identity provider, and whether it can be asked. */
export function ProviderStatus({ name }: { readonly name: string }) {
  const status = useStatus();
  return (
    <Loaded of={status}>
      {({ identityProviders }) => {
        const known = identityProviders.find(({ id }) => id === name);
        if (known === undefined)
          return (
            <Card>
              <Empty icon="providers" title="This gateway does not use it">
                Either it is not in force here, or it was added a moment ago.
              </Empty>
            </Card>
          );
        return (
          <div className="stack">
            {known.problem !== '' && (
              <Note tone="warn" icon="warn" title="The last attempt to learn its keys has failed">
                {known.problem}. {known.keys > 0 && 'What was known before is still used.'}
              </Note>
            )}
            <Card title="As this gateway sees it">
              <Facts
                of={[
                  ['State', <State state={known.state} />],
                  ['Issuer', <code>{known.issuer}</code>],
                  ['Keys', String(known.keys)],
                  ['Learned', <Time at={known.learnedAt} />],
                  ...Object.entries(known.endpoints).map(
                    ([endpoint, breaker]) =>
                      [`Calls to its ${endpoint} endpoint`, <State state={breaker} />] as const,
                  ),
                ]}
              />
            </Card>
          </div>
        );
      }}
    </Loaded>
  );
}
