import { Dialog } from '../ui/dialog.tsx';
import { usePlaces } from './places.ts';

const KEYS = [
  ['⌘K', 'Find a page, route, service or consumer'],
  ['/', 'Go to the search of this page'],
  ['?', 'Show this'],
  ['Esc', 'Close what is open'],
] as const;

/** What can be done without a mouse. */
export function Help({ onClose }: { readonly onClose: () => void }) {
  const places = usePlaces();
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div className="grid" style={{ ['--min' as string]: '13rem' }}>
        <ul className="stack" data-gap="small">
          {KEYS.map(([key, about]) => (
            <li key={key} className="row">
              <kbd>{key}</kbd> {about}
            </li>
          ))}
        </ul>
        <ul className="stack" data-gap="small">
          {places.map(({ path, key, title }) => (
            <li key={path} className="row">
              <kbd>g</kbd>
              <kbd>{key}</kbd> {title}
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
