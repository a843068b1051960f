import type { ReactNode } from 'react';

// Drawn for this program, on a grid of 16 with a stroke of 1.5, so that nothing is loaded and all look alike.
const SHAPES = {
  overview: <path d="M2 12.500h12M4 10V7M8 10V3.500M12 10V5.500" />,
  topology: <path d="M2 8h3m6-4h3m-3 8h3M5 6.500h2.500v3H5zM7.500 7.500 11 4.500m-3.500 4 3.500 3" />,
  tail: <path d="M2 4h9M2 8h12M2 12h6m4.500-1.500v3M11 12h3" />,
  alerts: <path d="M8 2a4 4 0 0 1 4 4c0 3 1.500 4.500 1.500 4.500h-11S4 9 4 6a4 4 0 0 1 4-4Zm-1.500 11h3" />,
  routes: <path d="M3 13V9a3 3 0 0 1 3-3h7m0 0-2.500-2.500M13 6l-2.500 2.500" />,
  services: <path d="M2.500 3h11v4h-11zm0 6h11v4h-11zM5 5h.01M5 11h.01" />,
  apis: <path d="M6 3C4 3 5 7 3 8c2 1 1 5 3 5m4-10c2 0 1 4 3 5-2 1-1 5-3 5" />,
  consumers: (
    <path d="M8 8a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Zm-5 5.500c0-2.500 2.200-4 5-4s5 1.500 5 4" />
  ),
  providers: <path d="M8 2 3 4v4c0 3 2.200 5 5 6 2.800-1 5-3 5-6V4zM6 8l1.500 1.500L10.500 6.500" />,
  certificates: (
    <path d="M2.500 3h11v6.500h-4.500m-6.500 0V3m0 6.500H4.500M5 6h6M6.750 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4Zm-1.250-.500V14.500l1.250-1 1.250 1v-3" />
  ),
  lists: <path d="M6 4h8M6 8h8M6 12h8M2.500 4h.01M2.500 8h.01M2.500 12h.01" />,
  explain: (
    <path d="M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10Zm3.500-1.500L14 14M5.500 5.800c.3-1.600 3-1.500 3 .1C8.500 7 7 7 7 8m0 1.800h.01" />
  ),
  cache: (
    <path d="M8 6c3 0 5-.8 5-2S11 2 8 2s-5 .8-5 2 2 2 5 2Zm5-2v8c0 1.200-2 2-5 2s-5-.8-5-2V4m10 4c0 1.200-2 2-5 2s-5-.8-5-2" />
  ),
  limits: <path d="M3 12a6 6 0 1 1 10 0M8 9.500l3-3.500" />,
  discovery: (
    <path d="M8 8h.01M5.500 10.500a3.500 3.500 0 0 1 0-5m5 5a3.500 3.500 0 0 0 0-5M3.500 12.500a6.500 6.500 0 0 1 0-9m9 9a6.500 6.500 0 0 0 0-9" />
  ),
  revisions: <path d="M2.500 8a5.500 5.500 0 1 1 1.700 4M2.500 8 1 6.500M2.500 8 4 6.500M8 5v3l2 1.500" />,
  transfer: <path d="M5 13V3m0 0L2.500 5.500M5 3l2.500 2.500M11 3v10m0 0 2.500-2.500M11 13l-2.500-2.500" />,
  download: <path d="M8 2.500v7.500m0 0L5 7m3 3 3-3M3 13.500h10" />,
  fleet: <path d="M6 2.500h4v3H6zM2 10.500h4v3H2zm8 0h4v3h-4zM8 5.500V8m-4 2.500V8h8v2.500" />,
  audit: <path d="M4 2h6l2.500 2.500V14H4zM6.500 7h4m-4 2.500h4M6.500 12H9" />,
  settings: (
    <path d="M2 5h6m4 0h2M2 11h2m4 0h6M10 6.800a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600Zm-4 6a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600Z" />
  ),
  search: <path d="M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10Zm3.500-1.500L14 14" />,
  plus: <path d="M8 3v10M3 8h10" />,
  close: <path d="m4 4 8 8m0-8-8 8" />,
  check: <path d="m3 8.500 3.500 3.500L13 4.500" />,
  ok: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm-2.500-6 1.800 1.800L10.500 6.500" />,
  warn: <path d="M8 2.500 14.500 13.500h-13zM8 6.500v3m0 2h.01" />,
  bad: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 5v3.500M8 11h.01" />,
  info: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm0-7v4M8 5h.01" />,
  skip: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.500 8h5" />,
  up: <path d="m4 9.500 4-4 4 4" />,
  down: <path d="m4 6.500 4 4 4-4" />,
  menu: <path d="M2.500 4.500h11M2.500 8h11M2.500 11.500h11" />,
  sun: (
    <path d="M8 10.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM8 1.500v1.500m0 10v1.500M1.500 8H3m10 0h1.500M3.400 3.400l1.100 1.100m7 7 1.100 1.100m0-9.200-1.100 1.100m-7 7-1.100 1.100" />
  ),
  moon: <path d="M13.500 9.500A6 6 0 0 1 6.500 2.500a6 6 0 1 0 7 7Z" />,
  screen: <path d="M2 3h12v8H2zm4 11h4M8 11v3" />,
  pause: <path d="M5.500 3v10m5-10v10" />,
  play: <path d="M5 3v10l8-5z" />,
  trash: <path d="M3 4.500h10M6.500 4.500v-2h3v2m-5 0 .5 9h6l.5-9M7 7v4m2-4v4" />,
  copy: <path d="M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3" />,
  key: <path d="M5.500 13.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM7.700 8.300l5.800-5.800m-3 3 2 2" />,
  user: (
    <path d="M8 8a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Zm-5 5.500c0-2.500 2.200-4 5-4s5 1.500 5 4" />
  ),
  file: <path d="M4 2h5l3 3v9H4zM9 2v3h3" />,
  database: <path d="M8 6c3 0 5-.8 5-2S11 2 8 2s-5 .8-5 2 2 2 5 2Zm5-2v8c0 1.200-2 2-5 2s-5-.8-5-2V4" />,
  back: <path d="M13 8H3m4-4L3 8l4 4" />,
  more: <path d="M3.500 8h.01M8 8h.01M12.500 8h.01" />,
  keyboard: <path d="M1.500 4h13v8h-13zM4 7h.01M6.700 7h.01M9.300 7h.01M12 7h.01M5 9.800h6" />,
  edit: <path d="M3 13l.5-3L10.500 3l2.500 2.500L6 12.500z" />,
} as const satisfies Record<string, ReactNode>;

/** Names of the pictures. */
export type IconName = keyof typeof SHAPES;

/** A picture beside words; it says nothing that they do not. */
export function Icon({ name, className }: { readonly name: IconName; readonly className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      {...(className !== undefined && { className })}
    >
      {SHAPES[name]}
    </svg>
  );
}
