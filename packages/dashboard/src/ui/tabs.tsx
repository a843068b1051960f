import * as Radix from '@radix-ui/react-tabs';
import type { ReactNode } from 'react';
import { useQueryValue } from '../router/location.ts';

/** One tab: a name for the address, what it says, and what is on it. */
export interface Tab {
  readonly id: string;
  readonly label: ReactNode;
  readonly content: () => ReactNode;
}

/** Sides of one thing; which one is in the address. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const first = tabs[0]?.id ?? '';
  const [wanted, choose] = useQueryValue('tab', first);
  const value = tabs.some(({ id }) => id === wanted) ? wanted : first;
  return (
    <Radix.Root value={value} onValueChange={choose}>
      <Radix.List className="tabs" aria-label={label}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.id} value={tab.id} className="tab">
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id} tabIndex={-1}>
          {tab.id === value && tab.content()}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
