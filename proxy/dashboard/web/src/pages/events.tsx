import { useCallback, useEffect, useState } from 'preact/hooks';
import { address, type Event } from '../api';
import { useWords } from '../language';
import { useLive } from '../live';
import { Busy, Empty, Failure, Outcome, Tick } from '../parts/basics';
import { EventList } from '../parts/event-list';
import { Filters } from '../parts/filters';
import { named, save } from '../parts/save';
import { replace, useRoute } from '../route';
import { useAction } from '../use';
import { allEvents, usePast } from '../past';

const keys = ['device', 'site', 'product', 'verdict', 'q'] as const;
const most = 500; // lines kept while live: a busy home must not fill the browser

export function EventsPage() {
  const { w } = useWords();
  const { query } = useRoute();
  const filters = Object.fromEntries(keys.map((key) => [key, query[key] ?? ''])) as Record<(typeof keys)[number], string>;
  const key = JSON.stringify(filters);
  const past = usePast(filters);
  const [live, setLive] = useState(false);
  const [fresh, setFresh] = useState<Event[]>([]);
  const [dropped, setDropped] = useState(false);
  useEffect(() => setFresh([]), [key, past.turn]);
  const arrive = useCallback((event: Event) => setFresh((old) => (old.some((one) => one.id === event.id) ? old : [event, ...old].slice(0, most))), []);
  const state = useLive(live, filters, arrive, () => setDropped(true));
  const known = new Set(fresh.map((event) => event.id));
  const shown = [...fresh, ...past.items.filter((event) => !known.has(event.id))];
  const filtered = keys.some((name) => filters[name]);
  return (
    <>
      <h1>{w.pages.events}</h1>
      <p>{w.events.intro}</p>
      <Filters values={filters} onChange={(next) => replace('events', next)} />
      <div class="row spread">
        <div class="row">
          <Tick label={w.events.live} checked={live} onChange={setLive} />
          <span role="status" class="quiet">
            {state === 'on' ? `● ${w.events.liveOn}` : state === 'lost' ? w.events.liveLost : ''} {fresh.length ? w.events.arrived(fresh.length) : ''}
          </span>
        </div>
        <Export filters={filters} />
      </div>
      {dropped ? <p class="hint" role="status">{w.events.dropped}</p> : null}
      {past.error && !shown.length ? <div role="alert"><Failure error={past.error} again={past.again} /></div> : null}
      <EventList events={shown} />
      {!shown.length && past.state === 'end' ? (
        <Empty title={filtered ? w.events.noneFiltered : w.events.none}>{filtered ? null : <p>{w.events.noneTodo}</p>}</Empty>
      ) : null}
      <Further past={past} some={shown.length > 0} />
    </>
  );
}

/** How far back was looked, and the way further. */
function Further({ past, some }: { past: ReturnType<typeof usePast>; some: boolean }) {
  const { w, f } = useWords();
  const last = past.items[past.items.length - 1];
  return (
    <div class="further">
      {past.state === 'searching' ? (
        <div role="status">
          <Busy>{w.events.searching}</Busy>
          {past.items.length && last ? <p class="quiet">{w.events.searchedTo.replace('{time}', f.moment(last.time))} <button type="button" onClick={past.stop}>{w.events.stop}</button></p> : null}
        </div>
      ) : past.state === 'more' ? (
        <button type="button" onClick={past.further}>{w.events.more}</button>
      ) : past.state === 'end' && some ? (
        <p class="quiet">{w.events.end}</p>
      ) : null}
      {past.error && some ? <div role="alert"><Failure error={past.error} again={past.further} /></div> : null}
    </div>
  );
}

function Export({ filters }: { filters: Record<string, string> }) {
  const { w } = useWords();
  const action = useAction();
  const [count, setCount] = useState(0);
  return (
    <div class="row">
      <a class="button" href={address('/events.csv', filters)} download={named('events', 'csv')}>{w.events.csv}</a>
      <button type="button" disabled={action.busy}
        onClick={() => void action.run(async () => save(named('events', 'json'), new Blob([JSON.stringify(await allEvents(filters, setCount), null, 1)], { type: 'application/json' })))}>
        {w.events.json}
      </button>
      <Outcome action={action} busy={w.events.jsonBusy(count)} />
    </div>
  );
}

