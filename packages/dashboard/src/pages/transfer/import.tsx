import { useState } from 'react';
import { askRaw } from '../../api/client.ts';
import type { Plan } from '../../api/types.ts';
import { Review } from '../../editor/review.tsx';
import { Button, Segments } from '../../ui/button.tsx';
import { bytes } from '../../ui/format.ts';
import { Card, Note } from '../../ui/layout.tsx';

interface Source {
  readonly name: string;
  readonly content: string;
}

const MODES = [
  ['merge', 'Add and change'],
  ['replace', 'Replace everything'],
] as const;

/** As much as the API takes. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Takes a document from a file or from what was pasted, shows what it would do, and does it. */
export function Import({ workspace }: { readonly workspace: string }) {
  const [source, setSource] = useState<Source>({ name: '', content: '' });
  const [mode, setMode] = useState<'merge' | 'replace'>('merge');
  const [isReviewing, setReviewing] = useState(false);
  const [trouble, setTrouble] = useState('');
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const isTooLarge = file.size > MOST_BYTES;
    setTrouble(
      isTooLarge
        ? `${file.name} has ${bytes(file.size)}; at most ${bytes(MOST_BYTES)} can be taken at once`
        : '',
    );
    if (!isTooLarge) setSource({ name: file.name, content: await file.text() });
  };
  const drop = (event: React.DragEvent): void => {
    event.preventDefault();
    void take(event.dataTransfer.files[0]);
  };
  return (
    <Card title="Import">
      <div className="stack" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
        <p className="muted">
          In YAML or JSON, with any of the sections that can be kept in the database. You see what it would
          change before anything is.
        </p>
        <div className="row">
          <label className="button file-button">
            <input
              className="visually-hidden"
              type="file"
              accept=".yaml,.yml,.json"
              onChange={(event) => void take(event.target.files?.[0])}
            />
            Choose a file…
          </label>
          <span className="muted small">{source.name || 'or drop one here, or paste it below'}</span>
        </div>
        {trouble && <Note tone="bad" icon="bad" title={trouble} />}
        <textarea
          className="input"
          data-mono=""
          rows={12}
          spellCheck={false}
          aria-label="The document to import"
          placeholder={EXAMPLE}
          value={source.content}
          onChange={(event) => setSource({ name: '', content: event.target.value })}
        />
        <div className="row spread">
          <Segments label="What becomes of the rest" value={mode} choices={MODES} onChange={setMode} />
          <Button look="primary" disabled={source.content.trim() === ''} onClick={() => setReviewing(true)}>
            Review
          </Button>
        </div>
        {mode === 'replace' && (
          <Note
            tone="warn"
            icon="warn"
            title={`What workspace “${workspace}” has and the document has not is removed`}
          />
        )}
      </div>
      {isReviewing && (
        <ReviewImport
          source={source}
          how={{ mode, workspace }}
          onDone={() => {
            setReviewing(false);
            setSource({ name: '', content: '' });
          }}
          onClose={() => setReviewing(false)}
        />
      )}
    </Card>
  );
}

function ReviewImport({
  source: { name, content },
  how,
  onDone,
  onClose,
}: {
  readonly source: Source;
  readonly how: { readonly mode: string; readonly workspace: string };
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  // What was shown is what is done: if anything was changed since, nothing is.
  const [etag, setEtag] = useState<string | null>(null);
  const send = async (query: object, headers: Record<string, string>): Promise<Plan> => {
    const answer = await askRaw('/v1/apply', {
      method: 'POST',
      // JSON is YAML too, and this reads both alike and names lines in what is wrong.
      text: { type: 'application/yaml', content },
      query: { ...how, ...query },
      headers,
    });
    setEtag(answer.headers.get('etag'));
    return (await answer.json()) as Plan;
  };
  return (
    <Review
      title={name === '' ? 'Import a document' : `Import ${name}`}
      verb="Import"
      dryRun={() => send({ dryRun: true }, {})}
      run={(message) => send({ message }, etag === null ? {} : { 'If-Match': etag })}
      onDone={onDone}
      onClose={onClose}
    />
  );
}

const EXAMPLE = `services:
  users:
    endpoints: ["http://10.0.0.7:8080"]
routes:
  users:
    match: { path: /users/* }
    service: users`;
