import { type ReactNode, useId } from 'react';
import { useMutation } from '../api/query.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Trouble } from './states.tsx';

/** A window that asks for a few things and then does something. What it did not do is said in it, and nothing typed is lost. */
export function FormDialog<T>({
  title,
  verb,
  children,
  isReady = true,
  isDangerous = false,
  run,
  onDone,
  onClose,
}: {
  readonly title: string;
  readonly verb: string;
  readonly children: ReactNode;
  /** Whether there is enough to begin. */
  readonly isReady?: boolean;
  readonly isDangerous?: boolean;
  readonly run: () => Promise<T>;
  readonly onDone: (result: T) => unknown;
  readonly onClose: () => void;
}) {
  const form = useId();
  const doing = useMutation({ mutationFn: run, onSuccess: onDone });
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    if (isReady && !doing.isPending) doing.mutate();
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            look={isDangerous ? 'danger' : 'primary'}
            disabled={!isReady || doing.isPending}
          >
            {doing.isPending ? 'Working…' : verb}
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        {doing.error && <Trouble error={doing.error} />}
        {children}
      </form>
    </Dialog>
  );
}
