import './style/base.css';
import './style/parts.css';
import './style/pages.css';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { address, call, type Event, type Events, type Self } from './api';
import { rich } from './inert';
import { Speaking, useWords } from './language';
import { Busy } from './parts/basics';
import { Sentence, isStopped } from './sentence';
import { LanguageSwitch } from './setup/language-switch';

type Stage = 'idle' | 'firing' | 'nothing' | 'cannot' | { events: Event[]; how: 'stopped' | 'loader' | 'passed' };

const own = async () => (await call<Events>('GET', address('/self/events', { limit: 20 }))).items;

/** The page's own words and an account of nobody; without the address from where it was fired. */
function fire(): void {
  const pixel = new URLSearchParams({ id: '0000', ev: 'ParaventTest', dl: location.href, v: '2.9.0' });
  for (const source of [`http://www.facebook.com/tr?${pixel}`, `https://connect.facebook.net/en_US/fbevents.js?${Date.now()}`]) {
    const image = new Image(1, 1);
    image.referrerPolicy = 'no-referrer';
    image.alt = '';
    image.src = source;
  }
}

function judge(events: Event[]): Stage | null {
  const pixel = events.filter((event) => event.name === 'ParaventTest');
  if (pixel.length) return { events: pixel.slice(0, 1), how: isStopped(pixel[0]!) ? 'stopped' : 'passed' };
  const loader = events.filter((event) => event.destination === 'connect.facebook.net' && isStopped(event));
  if (loader.length) return { events: loader.slice(0, 1), how: 'loader' };
  return null;
}

async function demonstrate(): Promise<Stage> {
  let before: number;
  try {
    before = Math.max(0, ...(await own()).map((event) => event.id));
  } catch {
    fire();
    return 'cannot';
  }
  fire();
  let passed: Event[] = [];
  let good: Stage | null = null;
  for (let turn = 0; turn < 16; turn++) {
    await new Promise((done) => setTimeout(done, 500));
    const fresh = (await own()).filter((event) => event.id > before);
    passed = fresh.filter((event) => event.destination?.endsWith('facebook.com'));
    good = judge(fresh) ?? good;
    // The loader is often stopped before the pixel's own request is: the latter says more, so wait for it a little.
    if (good && typeof good === 'object' && (good.how === 'stopped' || turn > 5)) return good;
  }
  return good ?? (passed.length ? { events: passed.slice(0, 1), how: 'passed' } : 'nothing');
}

function Demo() {
  const { w } = useWords();
  const say = w.setup.demo;
  const [stage, setStage] = useState<Stage>('idle');
  const [name, setName] = useState(location.hostname);
  useEffect(() => {
    document.title = `${say.title} – Paravent`;
    call<Self>('GET', address('/self')).then((self) => setName(self.names[0] ?? name), () => {});
  }, [w]);
  const go = () => {
    setStage('firing');
    demonstrate().then(setStage, () => setStage('cannot'));
  };
  return (
    <>
      <header class="top"><span class="brand">Paravent</span><LanguageSwitch /></header>
      <main id="content">
        <h1>{say.title}</h1>
        <p class="lead">{say.intro}</p>
        <p><button type="button" class="main" disabled={stage === 'firing'} onClick={go}>{say.fire}</button></p>
        <div role="status">
          {stage === 'firing' ? <Busy>{say.firing}</Busy> : null}
          {stage === 'nothing' ? <p class="bad large">{say.nothing}</p> : null}
          {stage === 'cannot' ? <p class="hint">{rich(say.cannotTell, { link: <a href={`https://${name}/setup`}>https://{name}/setup</a> })}</p> : null}
          {typeof stage === 'object' ? (
            <>
              <p class={`large ${stage.how === 'passed' ? 'bad' : 'good'}`}>{{ stopped: say.stopped, loader: say.loaderStopped, passed: say.passed }[stage.how]}</p>
              <ul class="sentences">{stage.events.map((event) => <li key={event.id}><Sentence event={event} /></li>)}</ul>
            </>
          ) : null}
        </div>
        <p><a href="/setup">{say.back}</a></p>
      </main>
    </>
  );
}

render(<Speaking><Demo /></Speaking>, document.getElementById('page')!);
