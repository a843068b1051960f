import { useState } from 'react';
import { ask, isMissing } from '../../api/client.ts';
import { useQuery } from '../../api/query.ts';
import type { Explanation } from '../../api/types.ts';
import { go, hrefOf, usePlace } from '../../router/location.ts';
import { Button } from '../../ui/button.tsx';
import { Card, Empty, Note, PageHead } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { ExplanationView } from './explanation-view.tsx';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** Says what would become of a request, without sending it. The request is in the address, so an answer can be shared. */
export function Page() {
  const { query } = usePlace();
  const url = query.get('url') ?? '';
  const method = query.get('method') ?? 'GET';
  const headers = query.get('headers') ?? '';
  const explained = useQuery({
    queryKey: ['explain', method, url, headers],
    queryFn: ({ signal }) =>
      ask<Explanation>('/v1/explain', {
        method: 'POST',
        body: { method, url, headers: fieldsIn(headers) },
        signal,
      }),
    enabled: url !== '',
    retry: false,
  });
  return (
    <>
      <PageHead
        title="Request explainer"
        lead="What would become of a request: its route and why not another, the stages, and what the service would receive. Nothing is sent."
      />
      <div className="stack">
        <Form key={`${method} ${url}`} method={method} url={url} headers={headers} />
        {url === '' ? (
          <Card>
            <Empty icon="explain" title="Which request?">
              A path such as /users/42 will do; with a host and a header, routes that ask for them are
              considered too.
            </Empty>
          </Card>
        ) : isMissing(explained.error) ? (
          <Note title="This gateway cannot explain requests over its API">
            Its command line can:{' '}
            <code>
              turnpike explain {method} {url}
            </code>
          </Note>
        ) : (
          <Loaded of={explained} rows={8}>
            {(explanation) => <ExplanationView explanation={explanation} />}
          </Loaded>
        )}
      </div>
    </>
  );
}

function Form(given: { readonly method: string; readonly url: string; readonly headers: string }) {
  const [method, setMethod] = useState(given.method);
  const [url, setUrl] = useState(given.url);
  const [headers, setHeaders] = useState(given.headers);
  return (
    <Card>
      <form
        className="stack"
        data-gap="small"
        onSubmit={(event) => {
          event.preventDefault();
          go(hrefOf(['explain'], { method, url: url.trim(), headers: headers.trim() }));
        }}
      >
        <div className="row" style={{ alignItems: 'end' }}>
          <div className="field">
            <label className="field-label" htmlFor="explain-method">
              Method
            </label>
            <select
              id="explain-method"
              className="input"
              style={{ width: '7rem' }}
              value={method}
              onChange={(event) => setMethod(event.target.value)}
            >
              {METHODS.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </div>
          <div className="field" style={{ flex: '1 1 14rem' }}>
            <label className="field-label" htmlFor="explain-url">
              URL
            </label>
            <input
              id="explain-url"
              className="input"
              data-mono=""
              placeholder="/users/42 or https://api.example.com/users/42"
              value={url}
              spellCheck={false}
              onChange={(event) => setUrl(event.target.value)}
            />
          </div>
          <Button type="submit" look="primary" disabled={url.trim() === ''}>
            Explain
          </Button>
        </div>
        <details open={headers !== ''}>
          <summary>Header fields</summary>
          <textarea
            className="input"
            data-mono=""
            rows={3}
            aria-label="Header fields, one a line"
            placeholder={'x-api-version: 2'}
            value={headers}
            spellCheck={false}
            onChange={(event) => setHeaders(event.target.value)}
          />
        </details>
      </form>
    </Card>
  );
}

/** `name: value`, one a line. */
function fieldsIn(text: string): Record<string, string> {
  const pairs = text.split('\n').map((line) => {
    const at = line.indexOf(':');
    return at < 1 ? null : ([line.slice(0, at).trim(), line.slice(at + 1).trim()] as const);
  });
  return Object.fromEntries(pairs.filter((pair) => pair !== null));
}
