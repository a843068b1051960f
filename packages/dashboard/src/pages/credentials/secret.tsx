import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Note } from '../../ui/layout.tsx';

/** A secret that is shown once. */
export function Secret({
  title,
  secret,
  onClose,
}: {
  readonly title: string;
  readonly secret: string;
  readonly onClose: () => void;
}) {
  const [state, setState] = useState<'fresh' | 'copied' | 'failed'>('fresh');
  const copy = (): void => {
    // Without a secure context there is no clipboard; the text can be marked by hand then.
    const copying = navigator.clipboard?.writeText(secret) ?? Promise.reject(new Error('no clipboard'));
    copying.then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <div className="stack">
        <Note tone="warn" icon="key" title="This is shown once">
          Keep it where secrets are kept. Nobody, and no gateway either, can show it again.
        </Note>
        <div className="row" style={{ flexWrap: 'nowrap' }}>
          <input
            className="input"
            data-mono=""
            readOnly
            aria-label={title}
            value={secret}
            onFocus={(event) => event.target.select()}
          />
          <Button icon={state === 'copied' ? 'check' : 'copy'} onClick={copy}>
            {state === 'copied' ? 'Copied' : 'Copy'}
          </Button>
        </div>
        {state === 'failed' && (
          <p className="muted small">This page may not copy. Mark the text and copy it by hand.</p>
        )}
      </div>
    </Dialog>
  );
}
