import { address, call, read, type Checklist } from '../api';
import { Net } from '../inert';
import { useWords } from '../language';
import { Outcome, Ready, Tick } from '../parts/basics';
import { MineCard } from '../parts/mine';
import { PersonChoice } from '../parts/person';
import { named } from '../parts/save';
import { useAction, useLoad } from '../use';
import type { PartOfData } from './data';

const robots = ['meta-externalagent', 'meta-externalfetcher', 'FacebookBot'].map((name) => `User-agent: ${name}\nDisallow: /\n`).join('\n');

/** What a person can ask of Meta, with ticks for each person of the home. */
export function ChecklistPage({ person, setPerson }: PartOfData) {
  const { w } = useWords();
  const list = useLoad(() => read<Checklist>('/checklist', { person }), person);
  return (
    <>
      <h1>{w.pages.meta}</h1>
      <p>{w.data.intro}</p>
      <Ready of={list}>
        {(now) => (
          <>
            <PersonChoice label={w.data.person} person={person} people={now.people} onChange={setPerson} />
            <p class="large">{w.data.progress(now.items.filter((item) => item.done).length, now.items.length)}</p>
            <ol class="cards">{now.items.map((item) => <Item key={`${now.person} ${item.id}`} item={item} person={person} onChange={list.set} />)}</ol>
            {now.items.some((item) => item.due.length) ? <p><a class="button" href={address('/checklist.ics', { person })} download={named('dates', 'ics')}>{w.data.calendar}</a></p> : null}
            <LinksChecked day={now.links_checked} />
          </>
        )}
      </Ready>
      <MineCard />
    </>
  );
}

function LinksChecked({ day }: { day: string }) {
  const { w, f } = useWords();
  return <p class="quiet">{w.data.linksChecked.replace('{date}', f.date(day))}</p>;
}

/** Today's day where the person is, not in Greenwich. */
const today = () => {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
};

function Item({ item, person, onChange }: { item: Checklist['items'][number]; person: string; onChange: (list: Checklist) => void }) {
  const { w, f } = useWords();
  const action = useAction();
  const [title = item.id, text = ''] = w.data.items[item.id] ?? [];
  const tick = (done: string | null) => void action.run(async () => onChange(await call<Checklist>('PATCH', '/checklist', { person, id: item.id, done })));
  return (
    <li class="card">
      <h2>{title}</h2>
      <p>{text}</p>
      {item.id === 'robots' ? <pre tabIndex={0}>{robots}</pre> : null}
      {/^https:\/\//.test(item.url) ? <p><a href={item.url} target="_blank" rel="noreferrer noopener">{w.data.open}<span class="for-readers"> {w.common.newTab}</span></a> <small class="quiet"><Net>{item.url.replace(/^https:\/\/(www\.)?/, '')}</Net></small></p> : null}
      <div class="row">
        <Tick label={item.done ? w.data.doneOn.replace('{date}', f.date(item.done)) : <>{w.data.done}<span class="for-readers">: {title}</span></>} checked={!!item.done} disabled={action.busy} onChange={(on) => tick(on ? today() : null)} />
        {item.done ? (
          <input type="date" aria-label={`${w.data.day}: ${title}`} value={item.done} max={today()} onChange={(event) => event.currentTarget.value && tick(event.currentTarget.value)} />
        ) : null}
      </div>
      {item.due.map((due) => <p key={due.what} class="hint">{w.data.due[due.what].replace('{date}', f.date(due.date))}</p>)}
      <Outcome action={action} />
    </li>
  );
}
