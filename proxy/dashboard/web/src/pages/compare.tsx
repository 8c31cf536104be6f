import { read, readAll, type Checklist, type Import, type Reconcile } from '../api';
import { Net, inert, plain } from '../inert';
import { useWords } from '../language';
import { Empty, Field, Ready } from '../parts/basics';
import { CompareList } from '../parts/compare-list';
import { ImportDrop, importName } from '../parts/import-drop';
import { MonthChart } from '../parts/month-chart';
import { PastImports } from '../parts/past-imports';
import { PersonChoice } from '../parts/person';
import { listNames } from '../reconciled';
import { href, replace, useRoute } from '../route';
import { useLoad } from '../use';
import type { PartOfData } from './data';

interface Both {
  now: Reconcile;
  imports: Import[];
  checklist: Checklist;
}

/** What Meta says that it was told, beside what was seen here. */
export function Compare({ person, setPerson }: PartOfData) {
  const { w } = useWords();
  const { query } = useRoute();
  const chosen = query['import'] ?? '';
  const both = useLoad<Both>(async () => {
    const [now, imports, checklist] = await Promise.all([
      read<Reconcile>('/reconcile', { person, import: chosen }), readAll<Import>('/import'), read<Checklist>('/checklist', { person }),
    ]);
    return { now, imports, checklist };
  }, `${person} ${chosen}`);
  return (
    <>
      <h1>{w.compare.title}</h1>
      <p>{w.compare.intro}</p>
      <Ready of={both}>
        {({ now, imports, checklist }) => {
          const people = [...now.people, ...checklist.people, ...imports.map((one) => one.person)];
          return (
            <>
              <PersonChoice label={w.compare.import.person} person={person} people={people} onChange={setPerson} />
              {now.import ? <Compared data={now} shown={now.import} imports={imports} person={person} chosen={chosen} /> : <NoImport checklist={checklist} />}
              <ImportDrop title={now.import ? w.compare.import.another : w.compare.import.title} person={person} imports={imports}
                onDone={(made) => { replace('meta/compare', { person: made.person }); both.again(); }} />
              <PastImports imports={imports} onChange={(gone) => { if (gone === chosen) replace('meta/compare', { person }); both.again(); }} />
            </>
          );
        }}
      </Ready>
    </>
  );
}

function NoImport({ checklist }: { checklist: Checklist }) {
  const { w } = useWords();
  const url = checklist.items.find((item) => item.id === 'download')?.url ?? '';
  return (
    <Empty title={w.compare.none}>
      <ol class="steps">{w.compare.noneDo.map((step) => <li key={step}>{step}</li>)}</ol>
      {/^https:\/\//.test(url) ? (
        <p><a class="button main" href={url} target="_blank" rel="noreferrer noopener">{w.compare.noneLink}<span class="for-readers"> {w.common.newTab}</span></a> <small class="quiet"><Net>{url.replace(/^https:\/\/(www\.)?/, '')}</Net></small></p>
      ) : null}
    </Empty>
  );
}

/** Events older than those kept here; nothing where not all rows are there to be counted. */
function before({ lists, totals }: Reconcile): number {
  if (lists.elsewhere.length < totals.elsewhere.rows) return 0;
  return lists.elsewhere.flatMap((row) => row.reasons ?? []).reduce((sum, one) => sum + (one.reason === 'before' ? one.events : 0), 0);
}

function Compared({ data, shown, imports, person, chosen }: { data: Reconcile; shown: Import; imports: Import[]; person: string; chosen: string }) {
  const speech = useWords();
  const { w, f } = speech;
  const own = imports.filter((one) => one.person === person);
  const { totals, seen } = data;
  return (
    <>
      {own.length > 1 ? (
        <Field label={w.compare.which}>
          <select value={shown.id} onChange={(event) => replace('meta/compare', { person, import: event.currentTarget.value })}>
            {own.map((one) => <option key={one.id} value={one.id}>{importName(one, speech)}</option>)}
          </select>
        </Field>
      ) : null}
      <p class="lead" id="compared" tabIndex={-1}>
        {w.compare.about(shown.companies, shown.events)} <strong>{totals.elsewhere.events ? w.compare.elsewhereOf(totals.elsewhere.events, before(data)) : w.compare.elsewhereNone}</strong>
      </p>
      {shown.first && shown.last ? <p class="quiet">{plain(w.compare.span, { first: f.dayOf(shown.first), last: f.dayOf(shown.last) })}</p> : null}
      <Seen seen={seen} />
      <Change data={data} />
      {data.months.length ? (
        <section aria-labelledby="months">
          <h2 id="months">{w.compare.months}</h2>
          <p>{w.compare.monthsWhat} {seen.from ? w.compare.monthsBefore.replace('{date}', f.dayOf(seen.from)) : ''} {shown.zoned ? '' : w.compare.monthsZone}</p>
          <MonthChart months={data.months} />
        </section>
      ) : null}
      {listNames.map((list) => <CompareList key={`${shown.id} ${list}`} list={list} data={data} person={person} chosen={chosen} />)}
    </>
  );
}

function Seen({ seen }: { seen: Reconcile['seen'] }) {
  const { w, f } = useWords();
  if (!seen.kept)
    return <p class="hint">{w.compare.notKept} {w.compare.notKeptDo} <a href={href('settings')}>{w.pages.settings}</a></p>;
  if (!seen.from || !seen.events) return <p>{w.compare.seenNothing}</p>;
  return (
    <p>
      {w.compare.seenFrom(seen.events).replace('{date}', f.dayOf(seen.from))} {seen.unknown_sites ? w.compare.unknownSites(seen.unknown_sites) : ''}
    </p>
  );
}

/** What is new since the list before. */
function Change({ data }: { data: Reconcile }) {
  const { w, f } = useWords();
  const { change, previous } = data;
  if (!change || !previous) return null;
  const names = (sentence: string, some: string[]) => (some.length ? <p>{sentence} {some.slice(0, 20).map((name, index) => <span key={index}>{index ? ', ' : ''}<Net>{inert(name) || w.compare.nobody}</Net></span>)}{some.length > 20 ? ' …' : ''}</p> : null);
  return (
    <div class="hint">
      {change.elsewhere_now !== null && change.elsewhere_before !== null ? <p>{w.compare.change(change.elsewhere_now, change.elsewhere_before).replace('{date}', f.dayOf(previous.time))}</p> : null}
      {names(w.compare.changeNew(change.new.length), change.new)}
      {names(w.compare.changeGone(change.gone.length), change.gone)}
    </div>
  );
}
