import { Button } from '../../ui/button.tsx';
import { CopyText } from '../../ui/copy-text.tsx';
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
  return (
    <Dialog
      title={title}
      onClose={onClose}
      isSticky
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
        <CopyText label={title} text={secret} />
      </div>
    </Dialog>
  );
}
