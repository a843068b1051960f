import { useState } from 'react';
import { Button } from './button.tsx';

/** A line to be taken elsewhere. */
export function CopyText({ label, text }: { readonly label: string; readonly text: string }) {
  const [copied, setCopied] = useState<{ readonly text: string; readonly hasWorked: boolean } | null>(null);
  const copy = (): void => {
    // Without a secure context there is no clipboard; the text can be marked by hand then.
    const copying = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    copying.then(
      () => setCopied({ text, hasWorked: true }),
      () => setCopied({ text, hasWorked: false }),
    );
  };
  const isCopied = copied?.text === text && copied.hasWorked;
  return (
    <>
      <div className="row" style={{ flexWrap: 'nowrap' }}>
        <input
          className="input"
          data-mono=""
          readOnly
          aria-label={label}
          value={text}
          onFocus={(event) => event.target.select()}
        />
        <Button icon={isCopied ? 'check' : 'copy'} onClick={copy}>
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
      </div>
      <p className="muted small" role="status">
        {copied?.hasWorked === false && 'This page may not copy. Mark the text and copy it by hand.'}
      </p>
    </>
  );
}
