import type { ReactNode } from 'react';
import { useMutation } from '../api/query.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Trouble } from './states.tsx';

/** Asks once before something is done that somebody would notice. */
export function Confirm<T>({
  title,
  verb,
  children,
  isDangerous = false,
  run,
  onDone,
  onClose,
}: {
  readonly title: string;
  readonly verb: string;
  readonly children: ReactNode;
  readonly isDangerous?: boolean;
  readonly run: () => Promise<T>;
  readonly onDone: (result: T) => unknown;
  readonly onClose: () => void;
}) {
  const doing = useMutation({ mutationFn: run, onSuccess: onDone });
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look={isDangerous ? 'danger' : 'primary'}
            disabled={doing.isPending}
            onClick={() => doing.mutate()}
          >
            {doing.isPending ? 'Working…' : verb}
          </Button>
        </>
      }
    >
      <div className="stack">
        {doing.error && <Trouble error={doing.error} />}
        <p>{children}</p>
      </div>
    </Dialog>
  );
}
