import { inert } from './inert';

/** Dates, numbers and money as a language writes them. Times come as RFC 3339 and are shown in the browser's zone. */
export interface Formats {
  number(value: number): string;
  money(value: number, currency: string | undefined): string;
  /** The hour alone if it was today, else with the day. */
  moment(time: string | number): string;
  exact(time: string | number): string;
  clock(time: string | number): string;
  day(time: string | number): string;
  date(day: string): string;
  /** The day of a time, with its year, where the person is. */
  dayOf(time: string | number): string;
  weekday(time: string | number): string;
  month(time: string | number): string;
  list(items: string[]): string;
  bytes(count: number): string;
  span(seconds: number): string;
}

const made = new Map<string, Formats>();

export function formats(tag: string): Formats {
  const known = made.get(tag);
  if (known) return known;
  const format = make(tag);
  made.set(tag, format);
  return format;
}

function make(tag: string): Formats {
  const number = new Intl.NumberFormat(tag, { maximumFractionDigits: 2 });
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(tag, options);
    return (time: string | number) => (Number.isNaN(new Date(time).getTime()) ? '–' : format.format(new Date(time)));
  };
  const clock = dates({ hour: '2-digit', minute: '2-digit' });
  const day = dates({ day: 'numeric', month: 'long' });
  const long = dates({ day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' });
  const exact = dates({ dateStyle: 'full', timeStyle: 'medium' });
  const weekday = dates({ weekday: 'long', day: 'numeric', month: 'long' });
  const date = dates({ dateStyle: 'long' });
  const month = dates({ month: 'long', year: 'numeric' });
  const list = new Intl.ListFormat(tag, { type: 'conjunction' });
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(tag, { style: 'unit', unit: name, unitDisplay: 'long', maximumFractionDigits: 1 }).format(value);
  return {
    number: (value) => number.format(value),
    money(value, currency) {
      try {
        if (currency) return new Intl.NumberFormat(tag, { style: 'currency', currency, currencyDisplay: 'code' }).format(value);
      } catch {
        // no code of a currency: a site may send anything
      }
      return `${number.format(value)} ${inert(currency ?? '').slice(0, 12)}`.trim();
    },
    moment: (time) => (new Date(time).toDateString() === new Date().toDateString() ? clock(time) : long(time)),
    exact,
    clock,
    day,
    // A day has no zone: noon is on that day everywhere that matters.
    date: (text) => date(`${text.slice(0, 10)}T12:00:00`),
    dayOf: date,
    weekday,
    month,
    list: (items) => list.format(items),
    bytes(count) {
      if (count < 1000) return unit(count, 'byte');
      return count < 1e6 ? unit(count / 1e3, 'kilobyte') : unit(count / 1e6, 'megabyte');
    },
    span(seconds) {
      if (seconds < 3600) return unit(Math.floor(seconds / 60), 'minute');
      return seconds < 2 * 86400 ? unit(Math.floor(seconds / 3600), 'hour') : unit(Math.floor(seconds / 86400), 'day');
    },
  };
}
