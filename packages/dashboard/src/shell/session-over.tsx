import { useCallback, useEffect, useState } from 'react';
import { useQueryClient } from '../api/query.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { onEntry } from './entry.ts';
import { Ways } from './login.tsx';

/** The session ended while a page was open. The page stays as it is, with all that was typed, and goes on when somebody signs in. */
export function SessionOver() {
  const [isOpen, setOpen] = useState(true);
  const client = useQueryClient();
  const goOn = useCallback(() => client.invalidateQueries(), [client]);
  useEffect(() => onEntry(() => void goOn()), [goOn]);
  if (!isOpen)
    return (
      <div className="session-over" role="alert">
        <Icon name="warn" />
        The session is over.
        <Button size="small" look="primary" onClick={() => setOpen(true)}>
          Sign in
        </Button>
      </div>
    );
  return (
    <Dialog title="The session is over" onClose={() => setOpen(false)}>
      <div className="stack">
        <p>Sign in again and go on where you were. What you have typed is still there.</p>
        <Ways onEntered={goOn} isBeside />
      </div>
    </Dialog>
  );
}
