import { useEffect, useRef } from 'react';
import { go } from '../router/location.ts';
import { PLACES } from './places.ts';

interface Commands {
  readonly palette: () => void;
  readonly help: () => void;
}

const CHORD_MS = 1200;

/** ⌘K, `?`, `/`, and `g` with the letter of a page. Not while somebody types, and not while a window is open. */
export function useShortcuts(commands: Commands): void {
  const latest = useRef(commands);
  latest.current = commands;
  useEffect(() => {
    let goUntil = 0;
    const hear = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        latest.current.palette();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      if (performance.now() < goUntil) {
        goUntil = 0;
        const place = PLACES.find(({ key }) => key === event.key);
        if (place) go(`#/${place.path}`);
        return;
      }
      if (event.key === 'g') goUntil = performance.now() + CHORD_MS;
      else if (event.key === '?') latest.current.help();
      else if (event.key === '/') focusSearch(event);
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function focusSearch(event: KeyboardEvent): void {
  const search = document.querySelector<HTMLInputElement>('main input[type=search]');
  if (search === null) return;
  event.preventDefault();
  search.focus();
}
