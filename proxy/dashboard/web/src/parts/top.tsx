import type { ComponentChildren } from 'preact';
import type { Stats } from '../api';
import { useWords } from '../language';

/** The few that told most, as numbers that can be compared. */
export function Top({ title, stats, name, to, most = 5 }: { title: string; stats: Stats; name: (key: string) => ComponentChildren; to: (key: string) => string; most?: number }) {
  const { w, f } = useWords();
  const rows = stats.rows.filter((row) => row.key && row.requests > 0).sort((a, b) => b.requests - a.requests).slice(0, most);
  const largest = rows[0]?.requests ?? 1;
  if (!rows.length) return <div><h3>{title}</h3><p class="quiet">{w.today.noneYet}</p></div>;
  return (
    <table class="top-list">
      <caption>{title}</caption>
      <thead class="for-readers"><tr><th scope="col">{title}</th><th scope="col">{w.today.count}</th></tr></thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">
              <a href={to(row.key)}>{name(row.key)}</a>
              <meter min={0} max={largest} value={row.requests} aria-hidden="true" />
            </th>
            <td class="num">{f.number(row.requests)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
