import { useMemo } from 'preact/hooks';
import type { Stats } from '../api';
import { useWords } from '../language';
import { Bars, type Bar } from './bars';

export type Range = 'day' | 'week' | 'month';
export const spans: Record<Range, { ms: number; by: 'hour' | 'day'; step: number }> = {
  day: { ms: 86_400_000, by: 'hour', step: 3_600_000 },
  week: { ms: 7 * 86_400_000, by: 'day', step: 86_400_000 },
  month: { ms: 30 * 86_400_000, by: 'day', step: 86_400_000 },
};

/** One bar for each hour or day, those without a request too: what was stopped, and above it what was let through. */
export function bars(stats: Stats, range: Range): Bar[] {
  const { step, by } = spans[range];
  const found = new Map<number, [number, number]>();
  const start = (time: number) => {
    const at = new Date(time);
    if (by === 'hour') at.setMinutes(0, 0, 0);
    else at.setHours(0, 0, 0, 0);
    return at.getTime();
  };
  const from = new Date(stats.from).getTime();
  for (let time = from; time < new Date(stats.to).getTime(); time += step) found.set(start(time), [0, 0]);
  for (const row of stats.rows) {
    // A day's key has no hour: it is that day here, not at midnight in Greenwich.
    const time = new Date(row.key.length === 10 ? `${row.key}T12:00:00` : row.key).getTime();
    if (Number.isNaN(time)) continue;
    const [stopped, allowed] = found.get(start(time)) ?? [0, 0];
    found.set(start(time), [stopped + row.block + row.answer, allowed + row.allow + row.log]);
  }
  return [...found.entries()].map(([at, counts]) => ({ at, counts })).sort((a, b) => a.at - b.at);
}

/** Stopped and let through over time. */
export function Chart({ stats, range }: { stats: Stats; range: Range }) {
  const { w, f } = useWords();
  const data = useMemo(() => bars(stats, range), [stats, range]);
  const { block, answer, allow, log } = stats.total;
  return (
    <Bars bars={data} label={w.today.chartOf(block + answer, allow + log)}
      kinds={[{ label: w.today.blocked, mark: 'stopped', colour: '--accent' }, { label: w.today.allowed, mark: 'allowed', colour: '--passed' }]}
      look={{ step: spans[range].step, tick: range === 'day' ? { hour: '2-digit' } : { day: 'numeric', month: 'short' }, when: range === 'day' ? f.moment : f.weekday, head: w.today.when }} />
  );
}
