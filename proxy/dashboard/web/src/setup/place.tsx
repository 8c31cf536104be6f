import { useEffect, useId, useState } from 'preact/hooks';
import { call, read, Refusal, type Place, type Self, type Session } from '../api';
import { rich } from '../inert';
import { useWords } from '../language';
import { Busy, Failure, Field, Worded } from '../parts/basics';
import { Said } from '../said';
import { useAction, useLoad } from '../use';

const [often, patience] = [2000, 180_000];

/** null where whoever looks is not the box's owner. */
async function ownersPlace(): Promise<Place | null> {
  try {
    if (!(await read<Session>('/session')).owner) return null;
  } catch (error) {
    // Plain http from the network: nobody is an owner there.
    if (error instanceof Refusal && (error.status === 401 || error.status === 403)) return null;
    throw error;
  }
  return await read<Place>('/place');
}

/** What the box itself does: for the owner, on a box whose set-up leaves the choice to this page. */
export function BoxPlace({ self }: { self: Self }) {
  const { w } = useWords();
  const place = useLoad(async () => (self.place ? await ownersPlace() : null), 'place');
  if (!place.data && !place.error) return null;
  return (
    <section class="card" aria-labelledby="place">
      <h2 id="place">{w.setup.place.title}</h2>
      {place.data ? <Choice place={place.data} again={place.again} onChange={place.set} /> : <Failure error={place.error!} again={place.again} />}
    </section>
  );
}

function Choice({ place, again, onChange }: { place: Place; again: () => void; onChange: (place: Place) => void }) {
  const { w } = useWords();
  const action = useAction();
  const id = useId();
  const [wish, setWish] = useState<{ mode?: Place['mode']; servers?: string }>({});
  const mode = wish.mode ?? place.mode;
  const servers = wish.servers ?? place.servers.join(', ');
  const save = (event: Event) => {
    event.preventDefault();
    void action.run(async () => {
      onChange(await call<Place>('PUT', '/place', { mode, servers: servers.split(/[\s,]+/).filter(Boolean) }));
      setWish({});
    });
  };
  return (
    <>
      <p>{w.setup.place.owner}</p>
      <form onSubmit={save}>
        <fieldset>
          <legend class="for-readers">{w.setup.place.title}</legend>
          {place.modes.map((each) => (
            <div class="tick" key={each}>
              <input id={`${id}-${each}`} type="radio" name="mode" value={each} checked={each === mode} disabled={action.busy} aria-describedby={`${id}-${each}-do`}
                onChange={() => setWish({ ...wish, mode: each })} />
              <label for={`${id}-${each}`}>{w.setup.place.modes[each]}</label>
              <small id={`${id}-${each}-do`}><Worded text={w.setup.place.todo[each]} /></small>
            </div>
          ))}
        </fieldset>
        {mode === 'dns' ? (
          <Field label={<>{w.setup.place.servers} <small>{w.common.optional}</small></>} hint={w.setup.place.serversHint}>
            <input name="servers" type="text" inputMode="url" autocomplete="off" autocapitalize="none" spellcheck={false} maxLength={200} value={servers} disabled={action.busy}
              onInput={(event) => setWish({ ...wish, servers: event.currentTarget.value })} />
          </Field>
        ) : null}
        <button type="submit" class="main" disabled={action.busy}>{w.common.save}</button>
        <div class="status" role="status">
          {action.busy ? <Busy>{w.common.working}</Busy> : action.error ? <Failure error={action.error} /> : place.done ? <Done done={place.done} /> : <Waiting again={again} />}
        </div>
      </form>
    </>
  );
}

function Done({ done }: { done: NonNullable<Place['done']> }) {
  const { w } = useWords();
  const said = <Said text={done.said} />;
  return done.mode ? <p class="good">{said}</p> : <p class="bad">{rich(w.common.failed, { why: said })}</p>;
}

/** Asks until something has come of the choice; the service is started anew meanwhile. */
function Waiting({ again }: { again: () => void }) {
  const { w } = useWords();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const clock = setInterval(again, often);
    const end = setTimeout(() => setLate(true), patience);
    return () => {
      clearInterval(clock);
      clearTimeout(end);
    };
  }, [again]);
  return late ? <p class="hint"><Worded text={w.setup.place.late} /></p> : <Busy>{w.setup.place.doing}</Busy>;
}
