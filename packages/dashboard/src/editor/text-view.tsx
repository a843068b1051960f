import { useEffect, useId, useRef, useState } from 'react';
import type { JsonObject } from '../api/types.ts';
import { Segments } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { isObject } from './shape.ts';
import { type Notation, readText, written } from './text.ts';

/** The same document as text. What is typed here is in the form at once, as soon as it can be read. */
export function TextView({
  document,
  isReadOnly,
  onChange,
}: {
  readonly document: JsonObject;
  readonly isReadOnly: boolean;
  readonly onChange: (document: JsonObject) => void;
}) {
  const [notation, setNotation] = useState<Notation>('yaml');
  const [text, setText] = useState(() => written(document, notation));
  const [problem, setProblem] = useState('');
  /** What this side made of it last; anything else came from the form. */
  const own = useRef(document);
  const id = useId();

  useEffect(() => {
    if (own.current === document) return;
    own.current = document;
    setText(written(document, notation));
    setProblem('');
  }, [document, notation]);

  const type = (next: string): void => {
    setText(next);
    const read = readText(next, notation);
    if (!read.ok) return setProblem(read.problem);
    if (!isObject(read.document)) return setProblem('It must be an object: keys and their values.');
    setProblem('');
    own.current = read.document;
    onChange(read.document);
  };
  const turn = (next: Notation): void => {
    setNotation(next);
    setText(written(own.current, next));
    setProblem('');
  };

  return (
    <section className="card editor-text" aria-labelledby={id}>
      <div className="card-head">
        <h2 id={id}>Text</h2>
        <Segments
          label="Notation"
          value={notation}
          choices={[
            ['yaml', 'YAML'],
            ['json', 'JSON'],
          ]}
          onChange={turn}
        />
      </div>
      <textarea
        className="editor-area"
        aria-label="The document as text"
        aria-invalid={problem !== ''}
        spellCheck={false}
        readOnly={isReadOnly}
        value={text}
        onChange={(event) => type(event.target.value)}
      />
      {problem && (
        <p className="field-error card-body" role="alert">
          <Icon name="bad" />
          {problem}
        </p>
      )}
    </section>
  );
}
