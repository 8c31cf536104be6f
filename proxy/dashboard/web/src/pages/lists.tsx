import { useState } from 'preact/hooks';
import { call, read, type Items, type List } from '../api';
import { Net, inert, rich } from '../inert';
import { useWords } from '../language';
import { Field, Outcome, Ready, Sure, Tick } from '../parts/basics';
import { Said } from '../said';
import { useAction, useLoad, useNow } from '../use';

export function Lists() {
  const { w } = useWords();
  const lists = useLoad(async () => (await read<Items<List>>('/lists')).items, 'lists');
  return (
    <>
      <h1>{w.pages.lists}</h1>
      <p>{w.lists.intro}</p>
      <Update onDone={lists.set} />
      <Ready of={lists}>
        {(items) => (
          <>
            <section class="card" aria-labelledby="own-lists">
              <h2 id="own-lists">{w.lists.own}</h2>
              <ul class="lines compact">{items.filter(isOwn).map((list) => <OwnList key={list.name} list={list} onChange={lists.again} />)}</ul>
            </section>
            {items.every(isOwn) ? null : <h2>{w.lists.others}</h2>}
            <ul class="cards">{items.filter((list) => !isOwn(list)).map((list) => <ListCard key={list.name} list={list} onChange={lists.again} />)}</ul>
          </>
        )}
      </Ready>
      <Add onDone={lists.again} />
    </>
  );
}

/** The answer comes when each list was tried, which may take a while: seconds are counted. */
function Update({ onDone }: { onDone: (lists: List[]) => void }) {
  const { w, f } = useWords();
  const action = useAction();
  const [began, setBegan] = useState(0);
  const [done, setDone] = useState(false);
  const now = useNow(1000);
  return (
    <div>
      <button type="button" disabled={action.busy} onClick={() => {
        setBegan(Date.now());
        setDone(false);
        void action.run(async () => onDone((await call<Items<List>>('POST', '/lists/update')).items)).then(setDone);
      }}>{w.lists.update}</button>
      <Outcome action={action} busy={w.lists.updating.replace('{seconds}', f.number(Math.max(0, Math.round((now - began) / 1000))))} done={done ? w.lists.updated_ : null} />
    </div>
  );
}

/** Lists of others come from an address or a file. */
const isOwn = (list: List) => !/^(https?:|\/|\.)/.test(list.source);
const pathOf = (list: List) => `/lists/${encodeURIComponent(list.name)}`;

function OwnList({ list, onChange }: { list: List; onChange: () => void }) {
  const { w } = useWords();
  const action = useAction();
  return (
    <li>
      <div class="row spread">
        <Tick label={w.lists.ours[list.name] ?? inert(list.name)} checked={list.enabled} disabled={action.busy}
          onChange={(on) => void action.run(() => call('PATCH', pathOf(list), { enabled: on })).then(onChange)} />
        <span class="quiet">{w.lists.rules(list.rules)}, {w.lists.hits(list.hits)}</span>
      </div>
      {list.error ? <p class="bad">{rich(w.lists.error, { text: <Said text={list.error} /> })}</p> : null}
      <Outcome action={action} />
    </li>
  );
}

function ListCard({ list, onChange }: { list: List; onChange: () => void }) {
  const { w, f } = useWords();
  const action = useAction();
  const [sure, setSure] = useState(false);
  const path = pathOf(list);
  const added = /^https?:/.test(list.source);
  const skipped = Object.entries(list.skipped_by);
  return (
    <li class="card">
      <h2><Net>{list.name}</Net></h2>
      <p>
        {w.lists.rules(list.rules)}, {w.lists.hits(list.hits)}
        {list.skipped ? <>, {w.lists.skipped(list.skipped)}</> : null}
      </p>
      <p class="quiet">
        {w.lists.source}{w.common.colon}<Net>{list.source}</Net>
        {list.category ? <> · {w.lists.category}{w.common.colon}<Net>{list.category}</Net></> : null}
        {list.updated ? ` · ${w.lists.updated.replace('{time}', f.moment(list.updated))}` : added ? ` · ${w.lists.notYet}` : ''}
        {list.checked ? <> · {w.lists.checked.replace('{time}', f.moment(list.checked))}</> : null}
      </p>
      {list.error ? <p class="bad">{rich(w.lists.error, { text: <Said text={list.error} /> })}</p> : null}
      {skipped.length ? (
        <details>
          <summary>{w.lists.skipped(list.skipped)}</summary>
          <ul class="plain">{skipped.map(([why, count]) => <li key={why}>{f.number(count)} × <Net>{why}</Net></li>)}</ul>
        </details>
      ) : null}
      <div class="row">
        <Tick label={<>{w.lists.on}<span class="for-readers"> ({inert(list.name)})</span></>} checked={list.enabled} disabled={action.busy}
          onChange={(on) => void action.run(() => call('PATCH', path, { enabled: on })).then(onChange)} />
        {added ? <button type="button" class="danger" disabled={action.busy} onClick={() => setSure(true)}>{w.common.remove}<span class="for-readers"> ({inert(list.name)})</span></button> : null}
      </div>
      <Outcome action={action} />
      {sure ? (
        <Sure question={w.lists.removeSure.replace('{name}', () => inert(list.name))} yes={w.common.remove} onNo={() => setSure(false)}
          onYes={() => { setSure(false); void action.run(() => call('DELETE', path)).then(onChange); }} />
      ) : null}
    </li>
  );
}

function Add({ onDone }: { onDone: () => void }) {
  const { w } = useWords();
  const action = useAction();
  const [form, setForm] = useState({ name: '', url: '', category: '' });
  const input = (key: keyof typeof form) => ({
    value: form[key],
    onInput: (event: preact.TargetedEvent<HTMLInputElement>) => setForm({ ...form, [key]: event.currentTarget.value }),
  });
  return (
    <section class="card" aria-labelledby="add-list">
      <h2 id="add-list">{w.lists.add}</h2>
      <form onSubmit={(event) => {
        event.preventDefault();
        const { category, ...rest } = form;
        void action.run(() => call('POST', '/lists', { ...rest, ...(category ? { category } : {}) })).then((good) => {
          if (!good) return;
          setForm({ name: '', url: '', category: '' });
          onDone();
        });
      }}>
        <Field label={w.lists.name} hint={w.lists.nameHint}><input type="text" required pattern="[A-Za-z0-9._\-]+" {...input('name')} /></Field>
        <Field label={w.lists.url}><input type="url" required pattern="https://.+" {...input('url')} /></Field>
        <Field label={<>{w.lists.category} <small>{w.common.optional}</small></>}><input type="text" {...input('category')} /></Field>
        <button type="submit" disabled={action.busy}>{w.lists.add}</button>
        <Outcome action={action} busy={w.lists.adding} />
      </form>
    </section>
  );
}
