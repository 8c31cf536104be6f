import { read, type Events, type Reconcile, type ReconcileRow, type Site } from './api';
import type { Evidence } from './letter';
import { inMeta, keyOf, listNames, nameOfRow, type ListName } from './reconciled';
import { isStopped } from './sentence';

const atMost = 200; // events of a site that are read for a letter

/** What one may write about: rows of the four lists, and sites of the last days that stand in none of them. */
export interface Subjects {
  people: string[];
  /** `again`: what it says stands in the list "only here" too. */
  rows: { list: ListName; row: ReconcileRow; key: string; again: boolean }[];
  sites: string[];
}

export async function subjects(person: string, chosen: string, from: string): Promise<Subjects> {
  const [now, sites] = await Promise.all([read<Reconcile>('/reconcile', { person, import: chosen }), read<{ items: Site[] }>('/sites', { from })]);
  const same = (row: ReconcileRow) => keyOf('only_here', row);
  const whole = new Set(now.lists.only_here.map(same));
  const rows = listNames.flatMap((list) => now.lists[list].filter(nameOfRow).map((row) => ({ list, row, key: keyOf(list, row), again: list === 'stopped' && whole.has(same(row)) })));
  const known = new Set(rows.map(({ row }) => row.site));
  return { people: now.people, rows, sites: sites.items.map((one) => one.site).filter((site) => !known.has(site)) };
}

export const ofRow = (list: ListName, row: ReconcileRow): Evidence => ({ ...row, company: nameOfRow(row), in_meta: inMeta(list, row) });

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
