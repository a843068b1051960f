import { type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './button.tsx';

/** A window over the page. The element of the browser: it holds the focus, ends with Escape and hides the rest from readers. */
export function Dialog({
  title,
  children,
  foot,
  onClose,
  size,
  isSticky = false,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly foot?: ReactNode;
  readonly onClose: () => void;
  readonly size?: 'wide';
  /** Closed by its own button only, because what it shows is not shown again. */
  readonly isSticky?: boolean;
}) {
  const id = useId();
  const element = useModal();
  return (
    <dialog
      ref={element}
      className="dialog"
      data-size={size}
      aria-labelledby={id}
      onClose={onClose}
      onCancel={(event) => isSticky && event.preventDefault()}
      // Chromium closes at the second Escape whatever was said to the first.
      onKeyDown={(event) => isSticky && event.key === 'Escape' && event.preventDefault()}
      onClick={isSticky ? undefined : closeOutside}
    >
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        {!isSticky && <IconButton label="Close" icon="close" onClick={() => element.current?.close()} />}
      </div>
      <div className="dialog-body" role="group" aria-labelledby={id} tabIndex={size === 'wide' ? 0 : -1}>
        {children}
      </div>
      {foot && <div className="dialog-foot">{foot}</div>}
    </dialog>
  );
}

/** Opens a dialog element as soon as it is there. */
export function useModal() {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
  }, []);
  return element;
}

/** A click on what is around it. */
export function closeOutside(event: React.MouseEvent<HTMLDialogElement>): void {
  if (event.target !== event.currentTarget) return;
  const { left, right, top, bottom } = event.currentTarget.getBoundingClientRect();
  const { clientX, clientY } = event;
  if (clientX < left || clientX > right || clientY < top || clientY > bottom) event.currentTarget.close();
}
