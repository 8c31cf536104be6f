import 'uplot/dist/uPlot.min.css';
import uPlot from 'uplot';
import { useEffect, useRef } from 'preact/hooks';
import { useWords } from '../language';

/** A kind of what is counted: its name, and its colour's (--accent, and .legend's class). */
export interface Kind {
  label: string;
  mark: string;
  colour: string;
}

/** Counts at a time, in the order of the kinds, which stand on each other from the ground up. */
export interface Bar {
  at: number;
  counts: number[];
}

export interface Look {
  /** Milliseconds from one bar to the next. */
  step: number;
  /** How the axis names a time, and how the table does. */
  tick: Intl.DateTimeFormatOptions;
  when: (at: number) => string;
  /** Head of the table's first column. */
  head: string;
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const heap = (counts: number[], upTo: number) => counts.slice(0, upTo + 1).reduce((sum, one) => sum + one, 0);

function draw(box: HTMLElement, bars: Bar[], kinds: Kind[], look: Look, language: string): uPlot {
  const tick = new Intl.DateTimeFormat(language, look.tick);
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  const column = uPlot.paths.bars!({ size: [0.7, 40], align: 0 });
  // The tallest, all together, stands behind: what is seen of it above the others is its own.
  const behind = kinds.map((kind, index) => ({ kind, heights: bars.map((bar) => heap(bar.counts, index)) })).reverse();
  return new uPlot(
    {
      width: Math.max(240, box.clientWidth),
      height: 180,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: true, range: (_, min, max) => [min - look.step / 1500, max + look.step / 1500] }, y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
      axes: [
        { ...axis, grid: { show: false }, space: 64, values: (_, at) => at.map((second) => tick.format(second * 1000)) },
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 1e5, 1e6] },
      ],
      series: [{}, ...behind.map(({ kind }) => ({ label: kind.label, fill: colour(kind.colour), stroke: colour(kind.colour), width: 0, paths: column, points: { show: false } }))],
    },
    [bars.map((bar) => bar.at / 1000), ...behind.map(({ heights }) => heights)],
    box,
  );
}

/** Counts over time: a picture, and the same as a table. */
export function Bars({ bars, kinds, look, label }: { bars: Bar[]; kinds: Kind[]; look: Look; label: string }) {
  const { w, f, language } = useWords();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const at = box.current;
    if (!at) return;
    let plot = draw(at, bars, kinds, look, language);
    const again = () => {
      plot.destroy();
      plot = draw(at, bars, kinds, look, language);
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
  }, [bars, language]);
  return (
    <>
      <p class="legend" aria-hidden="true">{kinds.map((kind) => <span key={kind.mark}><i class={kind.mark} />{kind.label} </span>)}</p>
      <div ref={box} class="chart" role="img" aria-label={label} />
      <details>
        <summary>{w.today.chartTable}</summary>
        <table>
          <thead><tr><th scope="col">{look.head}</th>{kinds.map((kind) => <th key={kind.mark} scope="col" class="num">{kind.label}</th>)}</tr></thead>
          <tbody>
            {bars.map((bar) => (
              <tr key={bar.at}>
                <th scope="row">{look.when(bar.at)}</th>
                {bar.counts.map((count, index) => <td key={index} class="num">{f.number(count)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
