import { PageHead } from '../../ui/layout.tsx';
import { Refused } from './refused.tsx';
import { RouteLimits } from './route-limits.tsx';
import { ServicesAtWork } from './services-at-work.tsx';
import { Strain } from './strain.tsx';

/** What holds requests back: rates by route, work by service, and the gateway when it cannot follow. */
export function Page() {
  return (
    <>
      <PageHead
        title="Limits"
        lead="What holds requests back: rates of routes, how much a service may do at once, breakers, and the gateway itself when it cannot follow."
      />
      <div className="stack">
        <Refused />
        <RouteLimits />
        <ServicesAtWork />
        <Strain />
      </div>
    </>
  );
}
