import type { Reconcile, ReconcileRow } from './api';
import { Net, inert } from './inert';
import { useWords } from './language';
import type { Words } from './words/en';

export type ListName = keyof Reconcile['lists'];
export const listNames: ListName[] = ['stopped', 'let_through', 'elsewhere', 'only_here'];

const has = (map: Record<string, string>, key: string): string | undefined => (Object.hasOwn(map, key) ? map[key] : undefined);

/** PAGE_VIEW is what an event calls PageView, ACTIVATE_APP what an app calls fb_mobile_activate_app. */
export function typeInWords(type: string, w: Words): string | undefined {
  const camel = type.toLowerCase().replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
  return has(w.compare.types, type) ?? has(w.meta.events, camel) ?? has(w.meta.events, `fb_mobile_${type.toLowerCase()}`);
}

export const nameInWords = (name: string, w: Words): string | undefined => has(w.meta.events, name);

/** What an export or a page calls an event, in words where there are some. */
export function InWords({ name, words }: { name: string; words: string | undefined }) {
  return words ? <>{words} <code class="quiet">{inert(name)}</code></> : <q><Net>{name}</Net></q>;
}

/** Who it is, for a person: Meta's name, else the site, else the number. */
export const nameOfRow = (row: ReconcileRow): string => inert(row.name) || inert(row.site) || inert(row.account);

export function RowName({ row }: { row: ReconcileRow }) {
  const { w } = useWords();
  const name = nameOfRow(row);
  return name ? <Net strong>{name}</Net> : <strong>{w.compare.nobody}</strong>;
}

/** Which row is meant, in an address: lists are read anew, so their order is no name. */
export const keyOf = (list: ListName, row: ReconcileRow): string => JSON.stringify([list, row.account ?? '', row.site ?? '', row.name ?? '']);

/** How often Meta's list has it: `in_meta` leaves out what is older than the events kept here. */
export const inMeta = (list: ListName, row: ReconcileRow): number => (list === 'elsewhere' ? Math.max(row.events, row.in_meta) : row.in_meta);

/** Of the reasons the one that most events have says what to do first; all are said. */
export const reasonsOf = (row: ReconcileRow) => [...(row.reasons ?? [])].filter((one) => one.events > 0).sort((a, b) => b.events - a.events);
