import { read, type Events, type Reconcile, type ReconcileRow, type Site } from './api';
import type { Evidence } from './letter';
import { keyOf, listNames, nameOfRow, type ListName } from './reconciled';
import { isStopped } from './sentence';

const atMost = 200; // events of a site that are read for a letter

/** What one may write about: rows of the four lists, and sites of the last days that stand in none of them. */
export interface Subjects {
  people: string[];
  rows: { list: ListName; row: ReconcileRow; key: string }[];
  sites: string[];
}

export async function subjects(person: string, from: string): Promise<Subjects> {
  const [now, sites] = await Promise.all([read<Reconcile>('/reconcile', { person }), read<{ items: Site[] }>('/sites', { from })]);
  const rows = listNames.flatMap((list) => now.lists[list].filter(nameOfRow).map((row) => ({ list, row, key: keyOf(list, row) })));
  const known = new Set(rows.map(({ row }) => row.site));
  return { people: now.people, rows, sites: sites.items.map((one) => one.site).filter((site) => !known.has(site)) };
}

export const ofRow = (row: ReconcileRow): Evidence => ({ ...row, company: nameOfRow(row) });

const each = (values: (string | undefined)[]): string[] => [...new Set(values.filter((value): value is string => !!value))];

/** From the events that are kept of a site; nothing but its name where there are none. */
export async function ofSite(site: string): Promise<Evidence> {
  const { items } = await read<Events>('/events', { site, limit: atMost });
  const stopped = items.filter(isStopped).length;
  return {
    company: site,
    ...(items.length
      ? {
          site,
          account: each(items.map((event) => event.account)).join(', '),
          names: each(items.map((event) => event.name)),
          identifiers: each(items.flatMap((event) => event.identifiers ?? [])),
          first: items[items.length - 1]!.time,
          last: items[0]!.time,
          stopped,
          let_through: items.length - stopped,
          server: items.some((event) => event.event_id),
        }
      : {}),
  };
}
