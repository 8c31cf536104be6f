import { useState } from 'preact/hooks';
import { call, read, readAll, type Event, type Events, type Exception, type Site } from '../api';
import { useHome } from '../home';
import { Net, inert, rich } from '../inert';
import { useWords } from '../language';
import { Empty, Field, Outcome, Ready, Tick } from '../parts/basics';
import { href } from '../route';
import { NameInWords, kindInWords } from '../sentence';
import { useAction, useLoad } from '../use';

const modes = ['report', 'silent', 'observe'] as const;
const month = () => new Date(Math.floor(Date.now() / 60_000) * 60_000 - 30 * 86_400_000).toISOString();

export function Sites() {
  const { w } = useWords();
  const sites = useLoad(async () => (await read<{ items: Site[] }>('/sites', { from: month() })).items, 'sites');
  return (
    <>
      <h1>{w.pages.sites}</h1>
      <p>{w.sites.intro}</p>
      <Ready of={sites}>
        {(items) =>
          items.length ? (
            <ul class="cards">{items.map((site) => <SiteCard key={site.site} site={site} onChange={sites.again} />)}</ul>
          ) : (
            <Empty title={w.sites.none}>
              <p>{w.sites.noneTodo}</p>
              <p class="row"><a class="button" href={href('devices')}>{w.today.unseenIntercept}</a> <a class="button" href={href('today')}>{w.har.title}</a></p>
            </Empty>
          )
        }
      </Ready>
      <Exceptions />
    </>
  );
}

function SiteCard({ site, onChange }: { site: Site; onChange: () => void }) {
  const { w, f } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <li class="card">
      <h2><Net>{site.site}</Net></h2>
      <p>
        {w.sites.messages(site.requests)}, {w.sites.stopped(site.block + site.answer)}
        {site.first && site.last ? <span class="quiet"> · {w.sites.since.replace('{first}', f.day(site.first)).replace('{last}', f.moment(site.last))}</span> : null}
      </p>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{w.sites.open}<span class="for-readers"> <Net>{site.site}</Net></span></summary>
        {open ? <Details site={site} onChange={onChange} /> : null}
      </details>
    </li>
  );
}

const each = <T,>(values: (T | undefined)[]): T[] => [...new Set(values.filter((value): value is T => value !== undefined && value !== ''))];

function Details({ site, onChange }: { site: Site; onChange: () => void }) {
  const { w, f } = useWords();
  const events = useLoad(async () => (await read<Events>('/events', { site: site.site, limit: 200 })).items, site.site);
  return (
    <>
      <Ready of={events}>
        {(items) => items.length ? <Told site={site} events={items} /> : <p class="quiet">{w.sites.noEvents}</p>}
      </Ready>
      <Mode site={site} onChange={onChange} />
      <p><a href={href('events', { site: site.site })}>{w.sites.all}</a>{site.requests ? <span class="quiet"> ({f.number(site.requests)})</span> : null}</p>
    </>
  );
}

function Told({ site, events }: { site: Site; events: Event[] }) {
  const { w, f } = useWords();
  const names = new Map<string, { event: Event; count: number }>();
  for (const event of events) {
    const key = event.name ?? event.product;
    names.set(key, { event, count: (names.get(key)?.count ?? 0) + 1 });
  }
  const accounts = each(events.map((event) => event.account));
  const kinds = each(events.flatMap((event) => event.identifiers ?? []));
  return (
    <>
      <dl class="facts">
        <div><dt>{w.sites.sent}</dt><dd>
          <ul class="plain">{[...names.entries()].sort((a, b) => b[1].count - a[1].count).map(([key, { event, count }]) => <li key={key}>{f.number(count)} × <NameInWords event={event} /></li>)}</ul>
        </dd></div>
        {accounts.length ? <div><dt>{w.sites.accounts}</dt><dd>{accounts.map((account, index) => <span key={account}>{index ? ', ' : ''}<Net>{account}</Net></span>)}</dd></div> : null}
        {kinds.length ? <div><dt>{w.sites.identifiers}</dt><dd><ul class="plain">{each(kinds.map((kind) => kindInWords(kind, w))).map((kind) => <li key={kind}>{kind}</li>)}</ul></dd></div> : null}
        <div><dt>{w.sites.server}</dt><dd>
          {events.some((event) => event.event_id) ? w.sites.serverYes : w.sites.serverNo}{' '}
          {site.gateways?.length ? w.sites.serverGateway.replace('{hosts}', () => site.gateways.map(inert).join(', ')) : ''}
        </dd></div>
      </dl>
      <p class="quiet">{w.sites.ofEvents(events.length)}</p>
    </>
  );
}

function Mode({ site, onChange }: { site: Site; onChange: () => void }) {
  const { w } = useWords();
  const action = useAction();
  const [mode, setMode] = useState(site.mode);
  const [gateway, setGateway] = useState(site.block_gateway);
  const change = (next: { mode: Site['mode']; block_gateway?: boolean }) => {
    void action.run(() => call('PATCH', `/sites/${encodeURIComponent(site.site)}`, next)).then((done) => {
      if (!done) return;
      setMode(next.mode);
      if (next.block_gateway !== undefined) setGateway(next.block_gateway);
      onChange();
    });
  };
  return (
    <>
      <Field label={w.sites.mode} hint={w.sites.modeTexts[mode]}>
        <select value={mode} disabled={action.busy} onChange={(event) => change({ mode: event.currentTarget.value as Site['mode'] })}>
          {modes.map((one) => <option key={one} value={one}>{w.sites.modes[one]}</option>)}
        </select>
      </Field>
      {site.gateways?.length ? <Tick label={w.sites.gateway} hint={w.service.gateway ?? site.block_gateway_text} checked={gateway} disabled={action.busy} onChange={(on) => change({ mode, block_gateway: on })} /> : null}
      <Outcome action={action} />
    </>
  );
}

function Exceptions() {
  const { w, f } = useWords();
  const { nameOf } = useHome();
  const exceptions = useLoad(() => readAll<Exception>('/exceptions'), 'exceptions');
  const action = useAction();
  return (
    <section aria-labelledby="exceptions">
      <h2 id="exceptions">{w.sites.exceptions}</h2>
      <Ready of={exceptions}>
        {(items) =>
          items.length ? (
            <ul class="lines">
              {items.map((one) => (
                <li key={one.id} class="row spread">
                  <span>{rich(one.verdict === 'block' ? w.sites.blockedIs : w.sites.allowed, {
                    site: <Net strong>{one.site}</Net>,
                    where: one.device ? rich(w.sites.onDevice, { device: <Net>{nameOf(one.device)}</Net> }) : w.sites.onAll,
                    until: one.until ? w.sites.until.replace('{time}', f.moment(one.until)) : w.sites.forGood,
                  })}</span>
                  <button type="button" disabled={action.busy} aria-label={`${w.common.undo}: ${inert(one.site)}`}
                    onClick={() => void action.run(() => call('DELETE', `/exceptions/${encodeURIComponent(one.id)}`)).then(exceptions.again)}>{w.common.undo}</button>
                </li>
              ))}
            </ul>
          ) : <p class="quiet">{w.sites.exceptionsNone}</p>
        }
      </Ready>
      <Outcome action={action} />
    </section>
  );
}
