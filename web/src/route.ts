/** Which page is shown: the address's part behind '#', so that it can be bookmarked and gone back to. */
import { useEffect, useState } from 'preact/hooks';

export const pages = ['modules', 'groups', 'alarms', 'hours', 'network', 'access'] as const;
export type Page = (typeof pages)[number];

export type Route = { readonly page: Page } | { readonly page: 'module'; readonly mac: string };

/** Whatever names no page is the modules' own. */
export function routeOf(hash: string): Route {
  const mac = /^#module\/((?:[0-9a-f]{2}:){5}[0-9a-f]{2})$/.exec(hash)?.[1];
  if (mac) return { page: 'module', mac };
  return { page: pages.find((page) => hash === `#${page}`) ?? 'modules' };
}

export function hrefOf(route: Route): string {
  return route.page === 'module' ? `#module/${route.mac}` : `#${route.page}`;
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const listener = (): void => {
      setHash(location.hash);
      scrollTo(0, 0);
    };
    addEventListener('hashchange', listener);
    return () => removeEventListener('hashchange', listener);
  }, []);
  return routeOf(hash);
}
