import './style/base.css';
import './style/parts.css';
import './style/pages.css';
import './style/data.css';
import './style/print.css';
import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { service } from './api';
import { useCell } from './cell';
import { AtHome } from './home';
import { Speaking, useWords } from './language';
import { LoginGate } from './login';
import { Blind } from './pages/blind';
import { Data } from './pages/data';
import { Devices } from './pages/devices';
import { EventsPage } from './pages/events';
import { Lists } from './pages/lists';
import { SettingsPage } from './pages/settings';
import { Sites } from './pages/sites';
import { TodayPage } from './pages/today';
import { PausedBanner } from './parts/pause';
import { href, pages, useRoute, type PageName } from './route';

const shown: Record<PageName, () => preact.JSX.Element> = {
  today: TodayPage,
  events: EventsPage,
  sites: Sites,
  devices: Devices,
  lists: Lists,
  blind: Blind,
  meta: Data,
  settings: SettingsPage,
};

/** A calm line instead of errors while the service restarts. */
export function AwayBanner() {
  const { w } = useWords();
  const { here, restarts } = useCell(service);
  return (
    <div role="status" class="away">
      {!here ? <p>{w.away}</p> : restarts > 0 ? <p class="for-readers">{w.back}</p> : null}
    </div>
  );
}

function Dashboard() {
  const { w } = useWords();
  const { page, part } = useRoute();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = `${part ? w[part].title : w.pages[page]} – Paravent`;
    document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }); // on a narrow screen the row is longer than that
    if (first.current) first.current = false;
    else {
      // Who reads by ear hears that the page changed; who reads by eye starts at its top.
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }, [page, part, w]);
  const Page = shown[page];
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>{w.skip}</a>
      <header class="top">
        <a class="brand" href={href('today')}>Paravent</a>
        <nav aria-label={w.menu}>
          {pages.map((name) => (
            <a key={name} href={href(name)} aria-current={name === page ? 'page' : undefined}>{w.pages[name]}</a>
          ))}
        </nav>
      </header>
      <AwayBanner />
      <main id="content" ref={main} tabIndex={-1}>
        <LoginGate>
          <AtHome>
            <PausedBanner />
            <Page />
          </AtHome>
        </LoginGate>
      </main>
    </>
  );
}

render(<Speaking><Dashboard /></Speaking>, document.getElementById('page')!);
