import { useState } from 'react';
import { ask, Problem } from '../api/client.ts';
import { revisionOf, useMe, useStatus } from '../api/gateway.ts';
import { useQueryClient } from '../api/query.ts';
import { forgetDrafts } from '../editor/drafts.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Menu } from '../ui/menu.tsx';
import { tell } from '../ui/toasts.tsx';
import { Badge } from '../ui/words.tsx';
import { applyTheme, savedTheme, type Theme } from './theme.ts';

const THEMES = [
  ['system', 'Like the system', 'screen'],
  ['light', 'Light', 'sun'],
  ['dark', 'Dark', 'moon'],
] as const;

/** What is at the top of every page. */
export function Bar({
  onFind,
  onMenu,
  onHelp,
}: {
  readonly onFind: () => void;
  readonly onMenu: () => void;
  readonly onHelp: () => void;
}) {
  return (
    <header className="bar">
      <span className="only-narrow">
        <IconButton label="Pages" icon="menu" onClick={onMenu} />
      </span>
      <button type="button" className="find" onClick={onFind} aria-keyshortcuts="Meta+K Control+K">
        <Icon name="search" />
        <span>Find anything</span>
        <kbd aria-hidden="true">⌘K</kbd>
      </button>
      <div className="bar-spring" />
      <Health />
      <ThemeMenu />
      <span className="only-wide">
        <IconButton label="Keyboard shortcuts" icon="keyboard" onClick={onHelp} />
      </span>
      <Account />
    </header>
  );
}

function Health() {
  const { data, error } = useStatus();
  // Who sees some workspaces only is not told how the gateway does.
  if (error instanceof Problem && error.status === 403) return null;
  if (error && !data)
    return (
      <Badge tone="bad" icon="bad">
        no answer
      </Badge>
    );
  if (!data) return <span className="skeleton" style={{ width: '5.5rem', height: '1.25rem' }} />;
  const isReady = data.status === 'ready';
  return (
    <Badge tone={isReady && !error ? 'ok' : 'bad'}>
      {error ? 'no answer' : data.status}
      <span className="only-wide">· revision {revisionOf(data)}</span>
    </Badge>
  );
}

function ThemeMenu() {
  const [theme, setTheme] = useState<Theme>(savedTheme);
  const choose = (next: Theme): void => {
    setTheme(next);
    applyTheme(next);
  };
  const icon = THEMES.find(([name]) => name === theme)?.[2] ?? 'screen';
  return (
    <Menu
      trigger={<IconButton label="Colours" icon={icon} />}
      heading="Colours"
      items={THEMES.map(([name, label, picture]) => ({
        label,
        icon: picture,
        isChosen: name === theme,
        onSelect: () => choose(name),
      }))}
    />
  );
}

function Account() {
  const { data: me } = useMe();
  const client = useQueryClient();
  if (!me) return null;
  const signOut = async (): Promise<void> => {
    try {
      await ask('/v1/session', { method: 'DELETE' });
    } catch {
      tell('The session could not be ended', 'bad');
    }
    forgetDrafts();
    await client.resetQueries();
  };
  const items = [
    { label: 'Settings', icon: 'settings', onSelect: () => (location.hash = '#/settings') },
    ...(me.via === 'session'
      ? [{ label: 'Sign out', icon: 'back', onSelect: () => void signOut() } as const]
      : []),
  ] as const;
  return (
    <Menu
      trigger={<IconButton label={`Account: ${me.name}`} icon="user" />}
      heading={`${me.name} · ${me.role ?? 'workspaces'}`}
      items={items.map((item) => ({ ...item }))}
    />
  );
}
