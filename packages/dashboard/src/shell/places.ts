import { lazy, type ComponentType, useMemo } from 'react';
import { OUTDATED, Problem } from '../api/client.ts';
import { useMay } from '../api/rights.ts';
import type { Role } from '../api/types.ts';
import type { IconName } from '../ui/icons.tsx';

/** A page that the navigation leads to. */
export interface PlaceEntry {
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  /** Pressed after `g`. */
  readonly key: string;
  readonly group: 'Observe' | 'Configure' | 'Operate';
  /** The role without which there is nothing to see, in all workspaces or in `any`. */
  readonly needs: readonly [role: Role, where?: 'any'];
  readonly Page: ComponentType;
}

/** Loads a page when somebody goes there. A gateway that was upgraded meanwhile has other files. */
function page(load: () => Promise<{ readonly Page: ComponentType }>): ComponentType {
  return lazy(async () => {
    try {
      return { default: (await load()).Page };
    } catch {
      throw new Problem(0, {
        title: 'This page could not be loaded',
        code: OUTDATED,
        detail: 'Either the gateway does not answer, or it was upgraded and has a newer dashboard.',
      });
    }
  });
}

const objects = page(() => import('../pages/objects/objects-page.tsx'));

/** All pages, in the order of the navigation. */
export const PLACES: readonly PlaceEntry[] = [
  {
    path: 'overview',
    title: 'Overview',
    icon: 'overview',
    key: 'o',
    group: 'Observe',
    needs: ['viewer'],
    Page: page(() => import('../pages/overview/overview-page.tsx')),
  },
  {
    path: 'tail',
    title: 'Live tail',
    icon: 'tail',
    key: 't',
    group: 'Observe',
    needs: ['viewer'],
    Page: page(() => import('../pages/tail/tail-page.tsx')),
  },
  {
    path: 'topology',
    title: 'Topology',
    icon: 'topology',
    key: 'y',
    group: 'Observe',
    needs: ['viewer'],
    Page: page(() => import('../pages/topology/topology-page.tsx')),
  },
  {
    path: 'alerts',
    title: 'Alerts',
    icon: 'alerts',
    key: 'a',
    group: 'Observe',
    needs: ['viewer'],
    Page: page(() => import('../pages/alerts-page.tsx')),
  },
  {
    path: 'routes',
    title: 'Routes',
    icon: 'routes',
    key: 'r',
    group: 'Configure',
    needs: ['viewer', 'any'],
    Page: objects,
  },
  {
    path: 'services',
    title: 'Services',
    icon: 'services',
    key: 's',
    group: 'Configure',
    needs: ['viewer', 'any'],
    Page: objects,
  },
  {
    path: 'apis',
    title: 'APIs',
    icon: 'apis',
    key: 'p',
    group: 'Configure',
    needs: ['viewer', 'any'],
    Page: objects,
  },
  {
    path: 'consumers',
    title: 'Consumers & keys',
    icon: 'consumers',
    key: 'c',
    group: 'Configure',
    needs: ['viewer', 'any'],
    Page: objects,
  },
  {
    path: 'identity-providers',
    title: 'Identity providers',
    icon: 'providers',
    key: 'i',
    group: 'Configure',
    needs: ['viewer', 'any'],
    Page: objects,
  },
  {
    path: 'certificates',
    title: 'Certificates',
    icon: 'certificates',
    key: 'b',
    group: 'Configure',
    needs: ['viewer', 'any'],
    Page: objects,
  },
  {
    path: 'lists',
    title: 'Lists',
    icon: 'lists',
    key: 'l',
    group: 'Configure',
    needs: ['viewer', 'any'],
    Page: objects,
  },
  {
    path: 'explain',
    title: 'Request explainer',
    icon: 'explain',
    key: 'e',
    group: 'Operate',
    needs: ['viewer'],
    Page: page(() => import('../pages/explain/explain-page.tsx')),
  },
  {
    path: 'cache',
    title: 'Cache',
    icon: 'cache',
    key: 'h',
    group: 'Operate',
    needs: ['viewer'],
    Page: page(() => import('../pages/cache-page.tsx')),
  },
  {
    path: 'limits',
    title: 'Limits',
    icon: 'limits',
    key: 'm',
    group: 'Operate',
    needs: ['viewer'],
    Page: page(() => import('../pages/limits/limits-page.tsx')),
  },
  {
    path: 'discovery',
    title: 'Discovery',
    icon: 'discovery',
    key: 'd',
    group: 'Operate',
    needs: ['viewer'],
    Page: page(() => import('../pages/discovery-page.tsx')),
  },
  {
    path: 'revisions',
    title: 'Revisions',
    icon: 'revisions',
    key: 'v',
    group: 'Operate',
    needs: ['viewer', 'any'],
    Page: page(() => import('../pages/revisions/revisions-page.tsx')),
  },
  {
    path: 'transfer',
    title: 'Import & export',
    icon: 'transfer',
    key: 'x',
    group: 'Operate',
    needs: ['viewer', 'any'],
    Page: page(() => import('../pages/transfer/transfer-page.tsx')),
  },
  {
    path: 'fleet',
    title: 'Fleet',
    icon: 'fleet',
    key: 'f',
    group: 'Operate',
    needs: ['viewer'],
    Page: page(() => import('../pages/fleet/fleet-page.tsx')),
  },
  {
    path: 'audit',
    title: 'Audit log',
    icon: 'audit',
    key: 'u',
    group: 'Operate',
    needs: ['admin', 'any'],
    Page: page(() => import('../pages/audit-page.tsx')),
  },
  {
    path: 'settings',
    title: 'Settings',
    icon: 'settings',
    key: ',',
    group: 'Operate',
    needs: ['viewer', 'any'],
    Page: page(() => import('../pages/settings/settings-page.tsx')),
  },
];

/** The page of a path. */
export function placeEntry(path: string): PlaceEntry | undefined {
  return PLACES.find((entry) => entry.path === path);
}

/** The pages of which we may see something; the first is where one begins. */
export function usePlaces(): readonly PlaceEntry[] {
  const may = useMay();
  return useMemo(() => PLACES.filter(({ needs: [role, where] }) => may(role, where)), [may]);
}
