import { address, read, type Withheld } from '../api';
import { Net } from '../inert';
import { useWords } from '../language';
import { Empty, Field, Ready } from '../parts/basics';
import { named } from '../parts/save';
import { replace, useRoute } from '../route';
import { kindInWords } from '../sentence';
import { useLoad } from '../use';
import type { PartOfData } from './data';

const past = 13; // months that one can choose: this one, and the year before it

/** "2026-11", newest first. */
function months(): string[] {
  const now = new Date();
  return Array.from({ length: past }, (_, back) => {
    const at = new Date(now.getFullYear(), now.getMonth() - back, 1);
    return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}`;
  });
}

const midst = (month: string) => `${month}-15T12:00:00`;

/** One sheet of a month, which can be printed as it stands. */
export function WithheldPage({ person }: PartOfData) {
  const { w, f } = useWords();
  const { query } = useRoute();
  const all = months();
  const asked = query['month'] ?? '';
  const month = /^\d{4}-(0[1-9]|1[0-2])$/.test(asked) ? asked : all[0]!;
  const sheet = useLoad(() => read<Withheld>('/withheld', { month }), month);
  return (
    <>
      <div class="no-print">
        <h1>{w.withheld.title}</h1>
        <p>{w.withheld.intro}</p>
        <Field label={w.withheld.month}>
          <select value={month} onChange={(event) => replace('meta/withheld', { person, month: event.currentTarget.value })}>
            {[...new Set([...all, month])].map((one) => <option key={one} value={one}>{f.month(midst(one))}</option>)}
          </select>
        </Field>
      </div>
      <Ready of={sheet}>
        {(data) => data.events ? (
          <>
            <p class="row no-print">
              <button type="button" class="main" onClick={() => print()}>{w.withheld.print}</button>
              <a class="button" href={address('/withheld.csv', { month: data.month })} download={named(`withheld-${data.month}`, 'csv')}>{w.withheld.csv}</a>
            </p>
            <Sheet data={data} />
          </>
        ) : <Empty title={w.withheld.none}><p>{w.withheld.noneDo}</p></Empty>}
      </Ready>
    </>
  );
}

/** A month ends where the next begins; its days are the service's, in UTC. */
const lastDay = (end: string) => new Date(new Date(end).getTime() - 1).toISOString();

function Sheet({ data }: { data: Withheld }) {
  const { w, f } = useWords();
  const say = w.withheld;
  const sum = (one: Withheld['purchases']['sums'][number]) => <bdi>{f.money(one.sum, one.currency)}</bdi>;
  const named = data.sites.filter((site) => site.site !== null).length;
  return (
    <article class="card sheet" aria-labelledby="sheet">
      <h2 id="sheet">{say.head.replace('{month}', f.month(midst(data.month)))}</h2>
      <p class="large">{say.some(data.events, named)}</p>
      <p class="quiet">{say.span.replace('{from}', f.date(data.from)).replace('{to}', f.date(lastDay(data.to)))} {data.complete ? '' : say.incomplete}</p>
      <div class="columns">
        <section aria-labelledby="sheet-purchases">
          <h3 id="sheet-purchases">{say.purchases}</h3>
          <p>{data.purchases.events ? say.purchaseCount(data.purchases.events) : say.purchaseNone}</p>
          {data.purchases.sums.length ? <ul class="plain">{data.purchases.sums.map((one) => <li key={one.currency}><Split sentence={say.sums(one.events)} sum={sum(one)} /></li>)}</ul> : null}
        </section>
        <section aria-labelledby="sheet-kinds">
          <h3 id="sheet-kinds">{say.identifiers}</h3>
          {data.identifiers.length ? (
            <ul class="plain">{data.identifiers.map((one) => <li key={one.kind}>{f.number(one.events)} × {kindInWords(one.kind, w)}</li>)}</ul>
          ) : <p>{say.identifiersNone}</p>}
        </section>
        <section aria-labelledby="sheet-products">
          <h3 id="sheet-products">{say.products}</h3>
          <ul class="plain">{data.products.map((one) => <li key={one.product}>{f.number(one.events)} × {w.meta.products[one.product]}</li>)}</ul>
        </section>
      </div>
      {data.sites.length ? (
        <table class="wide">
          <caption>{say.sites}</caption>
          <thead>
            <tr><th scope="col">{say.site}</th><th scope="col" class="num">{say.messages}</th><th scope="col" class="num">{say.purchases}</th></tr>
          </thead>
          <tbody>
            {data.sites.map((site) => (
              <tr key={site.site ?? ''}>
                <th scope="row">{site.site ? <Net>{site.site}</Net> : <span class="quiet">{say.unknownSite}</span>}</th>
                <td class="num">{f.number(site.events)}</td>
                <td class="num">{site.purchases ? f.number(site.purchases) : ''}{site.sums.map((one) => <div key={one.currency}>{sum(one)}</div>)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      {data.sites.length >= 500 ? <p class="quiet">{say.most(500)}</p> : null}
      <p class="quiet">{say.foot}</p>
    </article>
  );
}

function Split({ sentence, sum }: { sentence: string; sum: preact.JSX.Element }) {
  const [before = '', after = ''] = sentence.split('{sum}');
  return <>{before}{sum}{after}</>;
}
