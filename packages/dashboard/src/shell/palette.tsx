import { useId, useMemo, useState } from 'react';
import { wordsOf } from '../api/kinds.ts';
import { useObjects } from '../api/objects.ts';
import type { Kind } from '../api/types.ts';
import { go, hrefOf } from '../router/location.ts';
import { closeOutside, useModal } from '../ui/dialog.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { usePlaces } from './places.ts';

interface Found {
  readonly href: string;
  readonly title: string;
  readonly about: string;
  readonly icon: IconName;
}

const MOST = 12;

/** Goes anywhere by a few letters. A combobox (WAI-ARIA 1.2): the focus stays in the field. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const id = useId();
  const element = useModal();
  const found = useFound(text);
  const chosen = found[Math.min(active, found.length - 1)];
  const visit = (target: Found | undefined): void => {
    if (target === undefined) return;
    element.current?.close();
    go(target.href);
  };
  const press = (event: React.KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setActive((now) => (now + step + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter') visit(chosen);
  };
  return (
    <dialog
      ref={element}
      className="dialog palette"
      aria-label="Find anything"
      onClose={onClose}
      onClick={closeOutside}
    >
      <input
        className="palette-input"
        type="text"
        role="combobox"
        aria-label="Find a page, route, service or consumer"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen ? `${id}-${found.indexOf(chosen)}` : undefined}
        placeholder="Where to?"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
        }}
        onKeyDown={press}
      />
      <ul className="palette-list" id={`${id}-list`} role="listbox" aria-label="Places">
        {found.map((one, index) => (
          <li
            key={one.href}
            id={`${id}-${index}`}
            role="option"
            aria-selected={one === chosen}
            className="palette-item"
            onClick={() => visit(one)}
            onMouseMove={() => setActive(index)}
          >
            <Icon name={one.icon} />
            <span>{one.title}</span>
            <span className="muted small">{one.about}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="empty muted">Nothing is called that.</p>}
    </dialog>
  );
}

const SEARCHED = [
  ['routes', 'routes'],
  ['services', 'services'],
  ['consumers', 'consumers'],
] as const satisfies readonly (readonly [Kind, IconName])[];

function useFound(text: string): readonly Found[] {
  const [routes, services, consumers] = [
    useMatching('routes', text),
    useMatching('services', text),
    useMatching('consumers', text),
  ];
  const places = usePlaces();
  return useMemo(() => {
    const lists = [routes.data, services.data, consumers.data];
    const objects = SEARCHED.flatMap(([kind, icon], index) =>
      (lists[index]?.items ?? []).map(({ name }) => ({
        href: hrefOf([wordsOf(kind).path, name]),
        title: name,
        about: wordsOf(kind).one,
        icon,
      })),
    );
    const pages = places.map(({ path, title, icon, key }) => ({
      href: `#/${path}`,
      title,
      about: `g ${key}`,
      icon,
    }));
    const wanted = text.trim().toLowerCase();
    const all = wanted === '' ? pages : [...pages, ...objects];
    return all
      .map((one) => ({ one, rank: rankOf(one.title.toLowerCase(), wanted) }))
      .filter(({ rank }) => rank < 3)
      .sort((a, b) => a.rank - b.rank)
      .slice(0, wanted === '' ? places.length : MOST)
      .map(({ one }) => one);
  }, [text, places, routes.data, services.data, consumers.data]);
}

/** All of a kind; where they are too many for that, the gateway looks. */
function useMatching(kind: Kind, text: string) {
  const all = useObjects(kind);
  return useObjects(kind, all.data?.isCut === true ? text.trim() : '');
}

/** 0: begins so; 1: a word begins so; 2: has it somewhere; 3: not at all. */
function rankOf(title: string, wanted: string): number {
  const at = title.indexOf(wanted);
  if (at < 0) return 3;
  return at === 0 ? 0 : /[\s/_.-]/.test(title[at - 1] ?? '') ? 1 : 2;
}
