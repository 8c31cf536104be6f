import { useEffect, useState } from 'preact/hooks';

/** The server knows `/` alone, so a page's name and filters stand behind the #. */
export const pages = ['today', 'events', 'sites', 'devices', 'lists', 'blind', 'meta', 'settings'] as const;
export type PageName = (typeof pages)[number];
/** Pages of their own below "Your data at Meta". */
export const metaParts = ['compare', 'letters', 'withheld'] as const;
export type MetaPart = (typeof metaParts)[number];
export type Place = PageName | `meta/${MetaPart}`;
export interface Route {
  page: PageName;
  part: MetaPart | null;
  query: Record<string, string>;
}

export function parse(hash: string): Route {
  const [path = '', text = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [first, second] = path.split('/');
  const page = pages.find((name) => name === first) ?? 'today';
  const part = (page === 'meta' && metaParts.find((name) => name === second)) || null;
  return { page, part, query: Object.fromEntries(new URLSearchParams(text)) };
}

export function href(page: Place, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => !!pair[1]);
  return `#/${page}${given.length ? `?${new URLSearchParams(given)}` : ''}`;
}

/** A filter's change is not a step back in the browser's history. */
export function replace(page: Place, query: Record<string, string | undefined>): void {
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
