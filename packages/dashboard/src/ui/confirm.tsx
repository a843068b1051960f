import type { ComponentProps } from 'react';
import { FormDialog } from './form-dialog.tsx';

/** Asks once before something is done that somebody would notice. */
export function Confirm<T>({ children, ...rest }: ComponentProps<typeof FormDialog<T>>) {
  return (
    <FormDialog<T> {...rest}>
      <p>{children}</p>
    </FormDialog>
  );
}
