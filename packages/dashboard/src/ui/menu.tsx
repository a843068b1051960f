import * as Dropdown from '@radix-ui/react-dropdown-menu';
import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

/** A line of a menu. */
export interface MenuItem {
  readonly label: ReactNode;
  readonly icon?: IconName;
  readonly isChosen?: boolean;
  readonly onSelect: () => void;
}

/** Commands behind a button. Not modal: what is modal locks scrolling with styles that our policy forbids. */
export function Menu({
  trigger,
  heading,
  items,
}: {
  readonly trigger: ReactNode;
  readonly heading?: ReactNode;
  readonly items: readonly MenuItem[];
}) {
  return (
    <Dropdown.Root modal={false}>
      <Dropdown.Trigger asChild>{trigger}</Dropdown.Trigger>
      <Dropdown.Portal container={document.getElementById('main')}>
        <Dropdown.Content className="menu" align="end" sideOffset={6}>
          {heading && <Dropdown.Label className="menu-label">{heading}</Dropdown.Label>}
          {items.map(({ label, icon, isChosen, onSelect }, index) => (
            <Dropdown.Item key={index} className="menu-item" onSelect={onSelect}>
              {icon && <Icon name={icon} />}
              {label}
              {isChosen === true && <Icon name="check" />}
            </Dropdown.Item>
          ))}
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  );
}
