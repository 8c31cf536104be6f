import { useState } from 'preact/hooks';
import { call, type Event, type Exception, type NewException } from '../api';
import { inTenMinutes, useHome } from '../home';
import { Net, rich } from '../inert';
import { useWords } from '../language';
import { useAction } from '../use';
import { Outcome } from './basics';

/** Allow or block what an event was about, for its device. Where only the host was seen the exception is for that host
 *  and holds for every site: that is said before it is done. */
export function AllowHere({ event }: { event: Event }) {
  const { w, f } = useWords();
  const { nameOf } = useHome();
  const action = useAction();
  const [made, setMade] = useState<Exception | null>(null);
  const hostOnly = event.seen === 'host' || !event.site;
  const site = hostOnly ? event.destination : event.site;
  if (!site || !event.device) return null;
  const parts = { site: <Net strong>{site}</Net>, device: <Net strong>{nameOf(event.device)}</Net> };
  const make = (verdict: 'allow' | 'block', until: string | null) => {
    const wanted: NewException = { site, device: event.device, verdict, until };
    void action.run(async () => setMade(await call<Exception>('POST', '/exceptions', wanted)));
  };
  const said = made && (made.verdict === 'block' ? w.events.blocked : made.until ? w.events.allowedUntil : w.events.allowedAlways);
  return (
    <div class="allow">
      <p class="quiet">{rich(hostOnly ? w.events.hereHost : w.events.here, parts)}</p>
      {made && said ? (
        <p class="good" role="status">
          {rich(said, { ...parts, time: made.until ? f.clock(made.until) : '' })}{' '}
          <button type="button" disabled={action.busy}
            onClick={() => void action.run(async () => { await call('DELETE', `/exceptions/${encodeURIComponent(made.id)}`); setMade(null); })}>
            {w.common.undo}
          </button>
        </p>
      ) : (
        <div class="row">
          <button type="button" disabled={action.busy} onClick={() => make('allow', inTenMinutes())}>{w.events.allowTen}</button>
          <button type="button" disabled={action.busy} onClick={() => make('allow', null)}>{w.events.allowAlways}</button>
          <button type="button" disabled={action.busy} onClick={() => make('block', null)}>{w.events.block}</button>
        </div>
      )}
      <Outcome action={action} />
    </div>
  );
}
