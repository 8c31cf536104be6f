import 'uplot/dist/uPlot.min.css';
import uPlot from 'uplot';
import { useEffect, useRef } from 'preact/hooks';
import type { Stats } from '../api';
import { useWords } from '../language';

export type Range = 'day' | 'week' | 'month';
export const spans: Record<Range, { ms: number; by: 'hour' | 'day'; step: number }> = {
  day: { ms: 86_400_000, by: 'hour', step: 3_600_000 },
  week: { ms: 7 * 86_400_000, by: 'day', step: 86_400_000 },
  month: { ms: 30 * 86_400_000, by: 'day', step: 86_400_000 },
};

interface Bar {
  at: number;
  stopped: number;
  allowed: number;
}

/** One bar for each hour or day, those without a request too. */
export function bars(stats: Stats, range: Range): Bar[] {
  const { step, by } = spans[range];
  const found = new Map<number, Bar>();
  const start = (time: number) => {
    const at = new Date(time);
    if (by === 'hour') at.setMinutes(0, 0, 0);
    else at.setHours(0, 0, 0, 0);
    return at.getTime();
  };
  const from = new Date(stats.from).getTime();
  for (let time = from; time < new Date(stats.to).getTime(); time += step) found.set(start(time), { at: start(time), stopped: 0, allowed: 0 });
  for (const row of stats.rows) {
    // A day's key has no hour: it is that day here, not at midnight in Greenwich.
    const time = new Date(row.key.length === 10 ? `${row.key}T12:00:00` : row.key).getTime();
    if (Number.isNaN(time)) continue;
    const bar = found.get(start(time)) ?? { at: start(time), stopped: 0, allowed: 0 };
    bar.stopped += row.block + row.answer;
    bar.allowed += row.allow + row.log;
    found.set(bar.at, bar);
  }
  return [...found.values()].sort((a, b) => a.at - b.at);
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function draw(box: HTMLElement, data: Bar[], range: Range, labels: { stopped: string; allowed: string }, language: string): uPlot {
  const day = new Intl.DateTimeFormat(language, range === 'day' ? { hour: '2-digit' } : { day: 'numeric', month: 'short' });
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  const column = uPlot.paths.bars!({ size: [0.7, 40], align: 0 });
  return new uPlot(
    {
      width: Math.max(240, box.clientWidth),
      height: 180,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: true, range: (_, min, max) => [min - spans[range].step / 1500, max + spans[range].step / 1500] }, y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
      axes: [
        { ...axis, grid: { show: false }, space: 64, values: (_, at) => at.map((second) => day.format(second * 1000)) },
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 1e5, 1e6] },
      ],
      // The taller one, both together, stands behind: what is seen above the lower one was let through.
      series: [
        {},
        { label: labels.allowed, fill: colour('--passed'), stroke: colour('--passed'), width: 0, paths: column, points: { show: false } },
        { label: labels.stopped, fill: colour('--accent'), stroke: colour('--accent'), width: 0, paths: column, points: { show: false } },
      ],
    },
    [data.map((bar) => bar.at / 1000), data.map((bar) => bar.stopped + bar.allowed), data.map((bar) => bar.stopped)],
    box,
  );
}

/** Stopped and let through over time: a picture, and the same as a table. */
export function Chart({ stats, range }: { stats: Stats; range: Range }) {
  const { w, f, language } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const data = bars(stats, range);
  const labels = { stopped: w.today.blocked, allowed: w.today.allowed };
  useEffect(() => {
    const at = box.current;
    if (!at) return;
    let plot = draw(at, data, range, labels, language);
    const again = () => {
      plot.destroy();
      plot = draw(at, data, range, labels, language);
    };
    const size = new ResizeObserver(() => plot.setSize({ width: Math.max(240, at.clientWidth), height: 180 }));
    size.observe(at);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', again);
    return () => {
      size.disconnect();
      dark.removeEventListener('change', again);
      plot.destroy();
    };
  }, [stats, range, language]);
  const { block, answer, allow, log } = stats.total;
  return (
    <>
      <p class="legend" aria-hidden="true"><i class="stopped" />{labels.stopped} <i class="allowed" />{labels.allowed}</p>
      <div ref={box} class="chart" role="img" aria-label={w.today.chartOf(block + answer, allow + log)} />
      <details>
        <summary>{w.today.chartTable}</summary>
        <table>
          <thead><tr><th scope="col">{w.today.when}</th><th scope="col" class="num">{labels.stopped}</th><th scope="col" class="num">{labels.allowed}</th></tr></thead>
          <tbody>
            {data.map((bar) => (
              <tr key={bar.at}>
                <th scope="row">{range === 'day' ? f.moment(bar.at) : f.weekday(bar.at)}</th>
                <td class="num">{f.number(bar.stopped)}</td>
                <td class="num">{f.number(bar.allowed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
