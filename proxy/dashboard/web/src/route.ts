import { useEffect, useState } from 'preact/hooks';

/** The server knows `/` alone, so a page's name and filters stand behind the #. */
export const pages = ['today', 'events', 'sites', 'devices', 'lists', 'blind', 'meta', 'settings'] as const;
export type PageName = (typeof pages)[number];
export interface Route {
  page: PageName;
  query: Record<string, string>;
}

export function parse(hash: string): Route {
  const [path = '', text = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const page = pages.find((name) => name === path) ?? 'today';
  return { page, query: Object.fromEntries(new URLSearchParams(text)) };
}

export function href(page: PageName, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => !!pair[1]);
  return `#/${page}${given.length ? `?${new URLSearchParams(given)}` : ''}`;
}

/** A filter's change is not a step back in the browser's history. */
export function replace(page: PageName, query: Record<string, string | undefined>): void {
  history.replaceState(null, '', href(page, query));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function useRoute(): Route {
  const [route, set] = useState(parse(location.hash));
  useEffect(() => {
    const look = () => set(parse(location.hash));
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  return route;
}
