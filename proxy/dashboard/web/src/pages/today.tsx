import { useState } from 'preact/hooks';
import { read, type Site, type Stats, type Today } from '../api';
import { useHome } from '../home';
import { Net, rich } from '../inert';
import { useWords } from '../language';
import { Choices, Empty, Outcome, Ready } from '../parts/basics';
import { Chart, spans, type Range } from '../parts/chart';
import { HarDrop } from '../parts/har-drop';
import { PauseSwitch } from '../parts/pause';
import { Top } from '../parts/top';
import { href } from '../route';
import { Sentence } from '../sentence';
import { useAction, useLoad } from '../use';
import { lastVisit } from '../visit';

/** Whole minutes, so that the same question asked twice is the same. */
const since = (range: Range) => new Date(Math.floor(Date.now() / 60_000) * 60_000 - spans[range].ms).toISOString();

interface Seen {
  today: Today;
  time: Stats;
  sites: Stats;
  devices: Stats;
  products: Stats;
}

async function see(range: Range): Promise<Seen> {
  const from = since(range);
  const stats = (by: string) => read<Stats>('/stats', { from, by });
  const [today, time, sites, devices, products] = await Promise.all([
    read<Today>('/today', { from }), stats(spans[range].by), stats('site'), stats('device'), stats('product'),
  ]);
  return { today, time, sites, devices, products };
}

export function TodayPage() {
  const { w } = useWords();
  const [range, setRange] = useState<Range>('day');
  const seen = useLoad(() => see(range), range);
  return (
    <>
      <div class="title">
        <h1>{w.today.question}</h1>
        <Choices hidden legend={w.today.range} value={range} onChange={setRange}
          choices={[{ value: 'day', label: w.ranges.day }, { value: 'week', label: w.ranges.week }, { value: 'month', label: w.ranges.month }]} />
      </div>
      <Ready of={seen}>{(data) => <Told data={data} range={range} />}</Ready>
    </>
  );
}

function Told({ data, range }: { data: Seen; range: Range }) {
  const { w, f } = useWords();
  const { nameOf } = useHome();
  const { today } = data;
  const { counts } = today;
  const stopped = counts.block + counts.answer;
  const named = data.sites.rows.filter((row) => row.requests > 0 && row.key !== 'other' && !isMeta(row.key));
  const told = named.reduce((sum, row) => sum + row.requests, 0);
  if (counts.requests === 0)
    return (
      <>
        <Empty title={range === 'day' ? w.today.nothing : w.today.nothingYet}>
          <p>{w.today.nothingTodo}</p>
          <p><a class="button main" href="/setup">{w.today.setup}</a></p>
        </Empty>
        <div class="columns"><PauseSwitch /><HarDrop /></div>
      </>
    );
  return (
    <>
      <p class="lead">
        {named.length ? w.today.told(named.length, told) : w.today.times(counts.requests)} <strong>{stopped === counts.requests ? w.today.stoppedAll : w.today.stopped(stopped)}</strong>
      </p>
      {today.strongest ? (
        <section class="strongest" aria-labelledby="strongest">
          <h2 id="strongest">{w.today.strongest}</h2>
          <p class="large"><Sentence event={today.strongest} /></p>
          <p class="quiet">{f.moment(today.strongest.time)} · <Net>{nameOf(today.strongest.device)}</Net> · <a href={href('events')}>{w.pages.events}</a></p>
        </section>
      ) : null}
      <section aria-labelledby="figures">
        <h2 id="figures" class="for-readers">{w.today.figures}</h2>
        <dl class="figures">
          <Figure name={w.today.blocked} value={counts.block} what={w.today.blockedWhat} />
          <Figure name={w.today.answered} value={counts.answer} what={w.today.answeredWhat} />
          <Figure name={w.today.allowed} value={counts.allow + counts.log} what={w.today.allowedWhat} />
          <Figure name={w.today.unseen} value={today.unseen_sites} what={w.today.unseenWhat} />
        </dl>
      </section>
      {today.unseen_sites > 0 ? (
        <p>
          {w.today.unseenSentence(today.unseen_sites)} <a href={href('devices')}>{w.today.unseenIntercept}</a>,{' '}
          <a href={href('today')} onClick={(event) => { event.preventDefault(); document.getElementById('har-title')?.scrollIntoView(); }}>{w.today.unseenHar}</a>.
        </p>
      ) : null}
      <LoginHints hints={today.login_hints} />
      <div class="columns">
        <PauseSwitch />
        <Fresh />
      </div>
      <section aria-labelledby="chart">
        <h2 id="chart">{w.today.chart}</h2>
        <Chart stats={data.time} range={range} />
      </section>
      <section aria-labelledby="top">
        <h2 id="top">{w.today.top}</h2>
        <div class="columns">
          <Top title={w.today.sites} stats={data.sites} name={(key) => <Net>{key}</Net>} to={(key) => href('events', { site: key })} />
          <Top title={w.today.devices} stats={data.devices} name={(key) => <Net>{nameOf(key)}</Net>} to={(key) => href('events', { device: key })} />
          <Top title={w.today.products} stats={data.products} name={(key) => w.meta.products[key as keyof typeof w.meta.products] ?? key} to={(key) => href('events', { product: key })} />
        </div>
      </section>
      <HarDrop />
    </>
  );
}

/** Without a site the destination is counted in its place. */
const isMeta = (host: string) => /(^|\.)(facebook\.(com|net)|instagram\.com|fbsbx\.com|atdmt\.com|whatsapp\.(com|net)|messenger\.com|meta\.(com|ai))$/.test(host);

function Figure({ name, value, what }: { name: string; value: number; what: string }) {
  const { f } = useWords();
  return (
    <div>
      <dt>{name}</dt>
      <dd><span class="number">{f.number(value)}</span> <small>{what}</small></dd>
    </div>
  );
}

/** A stopped script shows no page that could explain itself, so the sign-in that failed is spoken of here. */
function LoginHints({ hints }: { hints: Today['login_hints'] }) {
  const { w, f } = useWords();
  const { changeDevice, nameOf } = useHome();
  const action = useAction();
  const [done, setDone] = useState<string | null>(null);
  const name = (hint: { device: string; name: string | null }) => <Net>{hint.name ?? nameOf(hint.device)}</Net>;
  return (
    <>
      {hints.slice(0, 3).map((hint) =>
        done === hint.device ? (
          <p key={hint.device} class="good" role="status">{rich(w.today.loginDone, { device: name(hint) })}</p>
        ) : (
          <p key={hint.device} class="hint">
            <button type="button" disabled={action.busy}
              onClick={() => void action.run(() => changeDevice(hint.device, { facebook_login: true })).then((good) => good && setDone(hint.device))}>
              {rich(w.today.loginHint, { device: name(hint) })}
            </button>{' '}
            <small>{w.today.loginWhy.replace('{time}', f.moment(hint.time))}</small>
          </p>
        ),
      )}
      {action.error ? <Outcome action={action} /> : null}
    </>
  );
}

/** Sites that were not there at the last visit. */
function Fresh() {
  const { w, f } = useWords();
  const before = lastVisit();
  const sites = useLoad(async () => (before ? (await read<{ items: Site[] }>('/sites', { from: before })).items : []), before);
  if (!before) return null;
  const fresh = (sites.data ?? []).filter((site) => site.first && site.first >= before);
  const title = (fresh.length ? w.today.fresh : w.today.freshNone).replace('{time}', f.moment(before));
  return (
    <section class="card" aria-labelledby="fresh">
      <h2 id="fresh">{title}</h2>
      {fresh.length ? (
        <ul class="plain">
          {fresh.slice(0, 5).map((site) => (
            <li key={site.site}><a href={href('events', { site: site.site })}><Net>{site.site}</Net></a> <span class="quiet">{w.sites.messages(site.requests)}</span></li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

