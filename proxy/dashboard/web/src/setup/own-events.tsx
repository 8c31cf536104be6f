import { useState } from 'preact/hooks';
import { address, call, Refusal, type Event, type Events, type Exception, type Self } from '../api';
import { rich, Net } from '../inert';
import { useWords } from '../language';
import { Outcome, Ready } from '../parts/basics';
import { Sentence, isStopped } from '../sentence';
import { useAction, useLoad } from '../use';

/** Signing in with Facebook needs the script that was stopped, and a stopped script shows no page that says so. */
export function LoginHint({ self }: { self: Self }) {
  const { w, f } = useWords();
  if (!self.login_stopped || self.device?.facebook_login) return null;
  return (
    <div class="hint">
      {self.may_ask ? <Ask site="connect.facebook.net" label={w.setup.loginHint} said={w.setup.loginAsked} /> : <p>{w.setup.loginHint.replace(/[ \u00a0]?:.*/, '')}{w.common.colon}{w.setup.loginOwner}</p>}
      <small>{w.setup.loginWhy.replace('{time}', f.moment(self.login_stopped))}</small>
    </div>
  );
}

function Ask({ site, label, said }: { site: string; label: preact.ComponentChildren; said: string }) {
  const { f } = useWords();
  const action = useAction();
  const [made, setMade] = useState<Exception | null>(null);
  if (made) return <p class="good" role="status">{said.replace('{time}', made.until ? f.clock(made.until) : '')}</p>;
  return (
    <>
      <button type="button" disabled={action.busy} onClick={() => void action.run(async () => setMade(await call<Exception>('POST', '/self/exceptions', { site })))}>{label}</button>
      <Outcome action={action} />
    </>
  );
}

/** What would be the same line is one, with how often it was. */
function once(events: Event[]): { event: Event; count: number }[] {
  const found = new Map<string, { event: Event; count: number }>();
  for (const event of events) {
    const { seen, site, destination, product, name, value, identifiers, verdict } = event;
    const key = JSON.stringify([seen, site, destination, product, name, value, identifiers, verdict]);
    const known = found.get(key);
    if (known) known.count++;
    else found.set(key, { event, count: 1 });
  }
  return [...found.values()];
}

/** This device's own events, which anybody who holds the device may see. */
export function OwnEvents({ self }: { self: Self }) {
  const { w, f } = useWords();
  const name = self.names[0] ?? 'paravent.local';
  const events = useLoad<Event[] | 'https'>(async () => {
    try {
      return (await call<Events>('GET', address('/self/events', { limit: 50 }))).items;
    } catch (error) {
      // Plain http from the network: nothing personal goes over it.
      if (error instanceof Refusal && (error.status === 401 || error.status === 403)) return 'https';
      throw error;
    }
  }, 'own');
  return (
    <section aria-labelledby="own">
      <h2 id="own">{w.setup.eventsTitle}</h2>
      <Ready of={events}>
        {(items) =>
          items === 'https' ? (
            <p>{rich(w.setup.eventsHttps, { link: <a href={`https://${name}/setup`}>https://{name}/setup</a> })}</p>
          ) : items.length ? (
            <ol class="sentences">
              {once(items).map(({ event, count }) => {
                const site = event.seen === 'host' ? event.destination : event.site;
                return (
                  <li key={event.id}>
                    <time dateTime={event.time} class="quiet">{f.moment(event.time)}</time> <Sentence event={event} /> {count > 1 ? <span class="quiet">× {f.number(count)} </span> : null}
                    {self.may_ask && site && isStopped(event) ? <Ask site={site} label={rich(w.setup.askTen, { site: <Net>{site}</Net> })} said={w.setup.loginAsked} /> : null}
                  </li>
                );
              })}
            </ol>
          ) : (
            <p class="quiet">{w.setup.eventsNone}</p>
          )
        }
      </Ready>
    </section>
  );
}
