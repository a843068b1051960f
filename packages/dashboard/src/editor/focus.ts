import { type RefObject, useEffect, useRef, useState } from 'react';

const CONTROLS = 'input, select, textarea, [role=radio][tabindex="0"]';
const BUTTONS = ':scope > :not(.form-head) button';

/** Where the focus is to go once it is drawn. */
type Wish = { readonly what: 'part' | 'chip'; readonly name: string };

/** A form in which parts come and go, and the focus with them: who presses `+ retry` goes on in `retry`, who removes it at `+ retry`. */
export interface Moving {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly moveTo: (what: Wish['what'], name: string) => void;
}

/** Moves the focus to what is marked with `data-part` or `data-chip` in a box. */
export function useMoving(): Moving {
  const box = useRef<HTMLDivElement>(null);
  const [wish, setWish] = useState<Wish | null>(null);
  useEffect(() => {
    if (wish === null) return;
    const mark = `[data-${wish.what}="${CSS.escape(wish.name)}"]`;
    const place = box.current?.querySelector<HTMLElement>(`:scope > ${mark}, :scope > .form-add > ${mark}`);
    // An empty list has nothing but its button.
    const inside = place?.querySelector<HTMLElement>(CONTROLS) ?? place?.querySelector<HTMLElement>(BUTTONS);
    (wish.what === 'chip' ? place : inside)?.focus();
  }, [wish]);
  return { box, moveTo: (what, name) => setWish({ what, name }) };
}
