import type { ComponentChildren } from 'preact';
import { read, type Device, type Status } from '../api';
import { future, useHome } from '../home';
import { Net, rich } from '../inert';
import { useWords } from '../language';
import { Ready } from '../parts/basics';
import { href, type PageName } from '../route';
import { Said, SaidOfList } from '../said';
import { useLoad, useNow } from '../use';

interface Spot {
  key: string;
  what: ComponentChildren;
  todo?: ComponentChildren;
  page?: PageName;
}

const helps: Record<string, PageName> = { server_to_server: 'meta', encrypted: 'devices', own_name: 'lists', bypassing: 'devices', browsers_only: 'devices', bypass: 'devices' };

/** What is not seen, at home and on each device, and what to do about it. */
export function Blind() {
  const { w } = useWords();
  const { devices, nameOf } = useHome();
  const status = useLoad(() => read<Status>('/status'), 'status');
  const spotsOf = useSpots();
  return (
    <>
      <h1>{w.pages.blind}</h1>
      <p>{w.blind.intro}</p>
      <Ready of={status}>
        {(now) => (
          <>
            <Spots title={w.blind.home} spots={now.blind_spots.filter((spot) => spot.device === null).map((spot) => ofService(spot, w.blind.kinds))} />
            {devices.map((device) => {
              const spots = [...spotsOf(device), ...now.blind_spots.filter((spot) => spot.device === device.id).map((spot) => ofService(spot, w.blind.kinds))];
              return spots.length ? <Spots key={device.id} title={rich(w.blind.device, { device: <Net>{nameOf(device.id)}</Net> })} spots={spots} /> : null;
            })}
            <section aria-labelledby="problems">
              <h2 id="problems">{w.blind.problems}</h2>
              {now.problems.length ? (
                <ul class="lines">{now.problems.map((problem, index) => <li key={index} class="bad">{problem.code === 'list' ? <SaidOfList text={problem.text} /> : <Said text={problem.text} />}</li>)}</ul>
              ) : (
                <p class="good">{w.blind.noProblems}</p>
              )}
            </section>
          </>
        )}
      </Ready>
    </>
  );
}

function ofService(spot: Status['blind_spots'][number], kinds: Record<string, [string, string]>): Spot {
  const key = `${spot.kind} ${spot.host ?? ''}`;
  const known = Object.hasOwn(kinds, spot.kind) ? kinds[spot.kind] : undefined;
  // A kind that this page does not know yet is said as the service says it.
  return known ? { key, what: rich(known[0], { host: <Net strong>{spot.host}</Net> }), todo: known[1], page: helps[spot.kind] } : { key, what: <Said text={spot.text} /> };
}

/** What follows from how a device is set. */
function useSpots(): (device: Device) => Spot[] {
  const { w, f } = useWords();
  const now = useNow();
  const say = w.blind;
  return (device) => {
    const spots: Spot[] = [];
    if (future(device.paused_until, now)) spots.push({ key: 'paused', what: say.paused.replace('{time}', f.clock(device.paused_until)) });
    if (device.profile === 'off') return [...spots, { key: 'off', what: say.off, todo: say.offDo, page: 'devices' }];
    if (device.profile === 'log') spots.push({ key: 'log', what: say.log, todo: say.offDo, page: 'devices' });
    if (!device.intercept) spots.push({ key: 'inside', what: say.notInside, todo: say.notInsideDo, page: 'devices' });
    else if (device.trust !== 'yes') spots.push({ key: 'trust', what: say.notTrusted, todo: say.notTrustedDo });
    if (device.privacy === 'counters') spots.push({ key: 'counters', what: say.counters, todo: say.countersDo });
    return spots;
  };
}

function Spots({ title, spots }: { title: ComponentChildren; spots: Spot[] }) {
  const { w } = useWords();
  return (
    <section>
      <h2>{title}</h2>
      <ul class="cards">
        {spots.map((spot) => (
          <li key={spot.key} class="card">
            <p>{spot.what}</p>
            {spot.todo ? <p class="quiet"><strong>{w.blind.todo}</strong> {spot.todo} {spot.page ? <a href={href(spot.page)}>{w.pages[spot.page]}</a> : null}</p> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
