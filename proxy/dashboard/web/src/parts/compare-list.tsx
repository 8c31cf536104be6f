import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Reconcile, ReconcileRow } from '../api';
import { Net, inert, plain } from '../inert';
import { useWords } from '../language';
import { InWords, RowName, inMeta, keyOf, nameInWords, reasonsOf, typeInWords, type ListName } from '../reconciled';
import { href } from '../route';
import { kindInWords } from '../sentence';

const atOnce = 10;

/** One of the four lists: its sentence first, then who. */
export function CompareList({ list, data, person, chosen }: { list: ListName; data: Reconcile; person: string; chosen: string }) {
  const { w } = useWords();
  const say = w.compare.lists[list];
  const [shown, setShown] = useState(atOnce);
  const rows = data.lists[list];
  const total = data.totals[list];
  return (
    <section class={`compared ${list}`} aria-labelledby={`list-${list}`}>
      <h2 id={`list-${list}`}>{say.title}</h2>
      <p class="large">{total.rows ? say.some(total.events, total.companies) : say.none}</p>
      {rows.length ? <p class="quiet">{say.what}</p> : null}
      {rows.length ? <ul class="events">{rows.slice(0, shown).map((row) => <Row key={keyOf(list, row)} list={list} row={row} reach={data.reach} person={person} chosen={chosen} />)}</ul> : null}
      {rows.length > shown ? <p><button type="button" onClick={() => setShown(shown + 50)}>{w.compare.more}<span class="for-readers">: {say.title}</span></button></p> : null}
      {rows.length <= shown && total.rows > rows.length ? <p class="quiet">{w.compare.most(rows.length)}</p> : null}
    </section>
  );
}

function Row({ list, row, reach, person, chosen }: { list: ListName; row: ReconcileRow; reach: Reconcile['reach']; person: string; chosen: string }) {
  const { w, f } = useWords();
  const [open, setOpen] = useState(false);
  const id = useId();
  const reasons = reasonsOf(row).map((one) => w.compare.reasons[one.reason](one.events));
  return (
    <li>
      <button type="button" class="line company" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <span>
          <RowName row={row} />{row.probably ? <> <small class="badge">{w.compare.probably}</small></> : null}
          <br />
          <small class="quiet">
            {plain(w.compare.between, { first: f.dayOf(row.first), last: f.dayOf(row.last) })}
            {reasons.length ? ` · ${f.list(reasons)}` : ''}
            {list === 'stopped' && row.in_meta ? ` · ${w.compare.listedToo(row.in_meta)}` : ''}
          </small>
        </span>
        <span class="num">{w.compare.messages(row.events)}</span>
      </button>
      <div id={id} hidden={!open}>{open ? <Details list={list} row={row} reach={reach} person={person} chosen={chosen} /> : null}</div>
    </li>
  );
}

function Details({ list, row, reach, person, chosen }: { list: ListName; row: ReconcileRow; reach: Reconcile['reach']; person: string; chosen: string }) {
  const { w, f } = useWords();
  const say = w.compare.details;
  const each = (items: ComponentChildren[]) => (items.length ? <ul class="plain">{items.map((item, index) => <li key={index}>{item}</li>)}</ul> : null);
  const counts = { ...row, in_meta: inMeta(list, row) };
  const ours = row.stopped + row.let_through > 0;
  const facts: [string, ComponentChildren][] = [
    [say.counts, f.list((['in_meta', 'stopped', 'let_through'] as const).filter((kind) => counts[kind] > 0).map((kind) => say.countOf[kind](counts[kind])))],
    [say.first, f.exact(row.first)],
    [say.last, f.exact(row.last)],
    [say.name, row.name && <Net>{row.name}</Net>],
    [say.site, row.site && <Net>{row.site}</Net>],
    [say.account, row.account && <Net>{row.account}</Net>],
    [say.types, each(row.types.map((type) => <InWords name={type} words={typeInWords(type, w)} />))],
    [say.names, each(row.names.map((name) => <InWords name={name} words={nameInWords(name, w)} />))],
    [say.identifiers, each(row.identifiers.map((kind) => <>{kindInWords(kind, w)} <code class="quiet">{inert(kind)}</code></>))],
    [say.products, each(row.products.map((product) => w.meta.products[product]))],
    [say.rules, each(row.rules.map((rule) => <code><Net>{rule}</Net></code>))],
    [say.server, ours ? (row.server ? say.serverYes : say.serverNo) : null],
  ];
  return (
    <div class="opened company">
      <dl class="facts">{facts.filter(([, value]) => value).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      <h3>{say.todo}</h3>
      <Todo list={list} row={row} reach={reach} />
      <p class="row">
        <a class="button" href={href('meta/letters', { person, import: chosen, row: keyOf(list, row) })}>{w.compare.todo.letter}</a>
        {row.site && ours ? <a class="button" href={href('events', { site: row.site })}>{w.compare.todo.events}</a> : null}
        <a href={href('meta', { person })}>{w.compare.todo.checklist}</a>
        {list === 'elsewhere' ? <a href={href('blind')}>{w.compare.todo.blind}</a> : null}
      </p>
    </div>
  );
}

function Todo({ list, row, reach }: { list: ListName; row: ReconcileRow; reach: Reconcile['reach'] }) {
  const { w } = useWords();
  const say = w.compare.todo;
  if (list === 'elsewhere') {
    const reasons = reasonsOf(row);
    return <>{(reasons.length ? reasons : [{ reason: 'other' as const }]).map((one) => <p key={one.reason}>{say[one.reason]}</p>)}</>;
  }
  // What was stopped after the list was made cannot be missed in it, so it is not called safe.
  const told = reach !== null && row.last <= reach;
  if (list === 'stopped') return <p>{row.in_meta ? say.stoppedListed : told ? say.stopped : say.notTold}</p>;
  return <p>{list === 'only_here' && !row.let_through ? (told ? say.onlyStopped : say.notTold) : say[list]}</p>;
}
