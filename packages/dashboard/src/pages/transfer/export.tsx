import { useState } from 'react';
import { askRaw } from '../../api/client.ts';
import { useMutation } from '../../api/query.ts';
import { Button, Segments } from '../../ui/button.tsx';
import { bytes } from '../../ui/format.ts';
import { Card } from '../../ui/layout.tsx';
import { Trouble } from '../../ui/states.tsx';
import { tell } from '../../ui/toasts.tsx';

/** Gives the document as a file. Asked for here and not by a link, so that it also works without a cookie and says why it failed. */
export function Export({ workspace }: { readonly workspace: string }) {
  const [format, setFormat] = useState<'yaml' | 'json'>('yaml');
  const save = useMutation({
    mutationFn: async () => {
      const answer = await askRaw('/v1/export', { query: { format, workspace } });
      return answer.text();
    },
    onSuccess: (text) => {
      const name = `turnpike${workspace === '' ? '' : `-${workspace}`}.${format}`;
      const shown = format === 'json' ? `${JSON.stringify(JSON.parse(text), null, 2)}\n` : text;
      const file = new Blob([shown], { type: `application/${format}` });
      download(name, file);
      tell(`${name} is saved, ${bytes(file.size)}`);
    },
  });
  return (
    <Card title="Export">
      <div className="stack">
        {save.error && <Trouble error={save.error} />}
        <p className="muted">
          Secrets are written as <code>***</code>: when the document comes back here, they stay what they are.
          Keys of consumers are no part of it.
        </p>
        <div className="row">
          <Segments
            label="Format"
            value={format}
            choices={[
              ['yaml', 'YAML'],
              ['json', 'JSON'],
            ]}
            onChange={setFormat}
          />
          <Button icon="download" disabled={save.isPending} onClick={() => save.mutate()}>
            {save.isPending ? 'Preparing…' : 'Download'}
          </Button>
        </div>
      </div>
    </Card>
  );
}

function download(name: string, file: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has it by then; without this it would be kept as long as the page.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
