/** Which colours: `system` follows the machine. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'turnpike.theme';

/** What was chosen on this machine. */
export function savedTheme(): Theme {
  try {
    const saved = localStorage.getItem(KEY);
    return saved === 'light' || saved === 'dark' ? saved : 'system';
  } catch {
    return 'system'; // storage can be forbidden; then nothing is remembered
  }
}

/** Shows it at once, and remembers it. Charts hear of it by `themechange`. */
export function applyTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // as above
  }
  window.dispatchEvent(new Event('themechange'));
}
