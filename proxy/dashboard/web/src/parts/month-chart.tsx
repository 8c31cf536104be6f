import { useMemo } from 'preact/hooks';
import type { Reconcile } from '../api';
import { useWords } from '../language';
import { Bars, type Bar } from './bars';

const most = 36; // older months would leave no room for a bar, and Meta's list goes back no further

/** One bar for each month, those without a message too. */
export function bars(months: Reconcile['months']): Bar[] {
  const found = new Map<number, number[]>();
  const ats: number[] = [];
  for (const row of months) {
    const [year = NaN, month = NaN] = row.month.split('-').map(Number);
    if (Number.isNaN(year + month)) continue;
    const at = new Date(year, month - 1, 1).getTime();
    ats.push(at);
    found.set(at, [row.stopped, row.let_through, row.elsewhere]);
  }
  if (!ats.length) return [];
  const result: Bar[] = [];
  const at = new Date(Math.max(...ats));
  const first = Math.min(...ats);
  while (at.getTime() >= first && result.length < most) {
    result.unshift({ at: at.getTime(), counts: found.get(at.getTime()) ?? [0, 0, 0] });
    at.setMonth(at.getMonth() - 1);
  }
  return result;
}

export function MonthChart({ months }: { months: Reconcile['months'] }) {
  const { w, f } = useWords();
  const data = useMemo(() => bars(months), [months]);
  const sum = (index: number) => data.reduce((all, bar) => all + (bar.counts[index] ?? 0), 0);
  const { lists } = w.compare;
  return (
    <Bars bars={data} label={w.compare.monthsOf(sum(2), sum(0), sum(1))}
      kinds={[
        { label: lists.stopped.title, mark: 'stopped', colour: '--accent' },
        { label: lists.let_through.title, mark: 'allowed', colour: '--passed' },
        { label: lists.elsewhere.title, mark: 'elsewhere', colour: '--elsewhere' },
      ]}
      look={{ step: 30 * 86_400_000, tick: { month: 'short', year: 'numeric' }, when: f.month, head: w.compare.month }} />
  );
}
