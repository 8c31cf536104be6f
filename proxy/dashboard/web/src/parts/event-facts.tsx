import type { ComponentChildren } from 'preact';
import { read, type Event, type Why } from '../api';
import { useHome } from '../home';
import { Net, inert } from '../inert';
import { useWords } from '../language';
import { Because } from '../said';
import { NameInWords, kindInWords } from '../sentence';
import { useLoad } from '../use';
import { AllowHere } from './allow-here';

/** Every fact of an event, in Meta's words beside ours, and the rule that decided. */
export function EventFacts({ event }: { event: Event }) {
  const { w, f } = useWords();
  const { nameOf } = useHome();
  const field = w.events.fields;
  const yes = (value: boolean | undefined) => (value === undefined ? undefined : value ? w.common.yes : w.common.no);
  const pairs = (of: Record<string, unknown>) => (
    <ul class="plain">{Object.entries(of).map(([key, value]) => <li key={key}><Net>{key}</Net>: <Net>{value}</Net></li>)}</ul>
  );
  const facts: [string, ComponentChildren][] = [
    [field.time, f.exact(event.time)],
    [field.device, event.device && <Net>{nameOf(event.device)}</Net>],
    [field.address, event.address && <Net>{event.address}</Net>],
    [field.site, event.site && <Net>{event.site}</Net>],
    [field.page, event.page && <Net>{event.page}</Net>],
    [field.destination, event.destination && <Net>{event.destination}</Net>],
    [field.product, w.meta.products[event.product]],
    [field.account, event.account && <Net>{event.account}</Net>],
    [field.name, event.name && <><Net>{event.name}</Net> (<NameInWords event={event} />)</>],
    [field.automatic, event.seen === 'full' ? yes(event.automatic) : undefined],
    [field.value, event.value !== undefined ? <bdi>{f.money(event.value, event.currency)}</bdi> : undefined],
    [field.contents, event.contents?.length ? (
      <ul class="plain">
        {event.contents.map((one, index) => (
          <li key={index}>{one.quantity !== undefined ? `${f.number(one.quantity)} × ` : ''}<Net>{one.id ?? '?'}</Net>{one.item_price !== undefined ? <>, <bdi>{f.money(one.item_price, event.currency)}</bdi></> : null}</li>
        ))}
      </ul>
    ) : undefined],
    [field.custom, event.custom && Object.keys(event.custom).length ? pairs(event.custom) : undefined],
    [field.identifiers, event.identifiers?.length ? (
      <ul class="plain">{event.identifiers.map((kind) => <li key={kind}>{kindInWords(kind, w)} <code class="quiet">{inert(kind)}</code></li>)}</ul>
    ) : undefined],
    [field.device_facts, event.device_facts && Object.keys(event.device_facts).length ? pairs(event.device_facts) : undefined],
    [field.event_id, event.seen === 'full' ? yes(event.event_id) : undefined],
    [field.limited_data_use, event.seen === 'full' ? yes(event.limited_data_use) : undefined],
    [field.mine, event.mine?.length ? f.list(event.mine.map((kind) => w.events.mineKinds[kind])) : undefined],
    [field.body_cut, event.body_cut ? w.common.yes : undefined],
    [field.seen, w.events.seen[event.seen]],
    [field.verdict, w.meta.verdicts[event.verdict]],
    [field.rule, <Rule event={event} />],
  ];
  return (
    <div class="opened">
      <dl class="facts">
        {facts.filter(([, value]) => value !== undefined && value !== '' && value !== null).map(([name, value]) => <div key={name} class={name === field.rule || name === field.page ? 'wide' : undefined}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
      <AllowHere event={event} />
    </div>
  );
}

/** An address that such an event is sent to: enough to ask for the rule's text, which the event itself does not keep. */
function likely(event: Event): { url: string; type: string } {
  const host = event.destination ?? 'www.facebook.com';
  if (event.seen === 'host') return { url: `https://${host}/`, type: 'other' };
  if (event.product === 'pixel') return { url: `https://${host}/tr`, type: 'image' };
  if (event.product === 'loader') return { url: `https://${host}/en_US/fbevents.js`, type: 'script' };
  if (event.product === 'app_events') return { url: `https://${host}/v19.0/1/activities`, type: 'xmlhttprequest' };
  return { url: `https://${host}/`, type: 'other' };
}

function Rule({ event }: { event: Event }) {
  const { w } = useWords();
  const asked = likely(event);
  const why = useLoad<Why | null>(
    () => (event.rule ? read<Why>('/why', { ...asked, from: event.site && `https://${event.site}/`, device: event.device }) : Promise.resolve(null)),
    `${event.rule} ${asked.url} ${event.site} ${event.device}`,
  );
  if (!event.rule) return <>{w.events.ruleNone}</>;
  const [list = ''] = event.rule.split('/');
  // The rules may have changed since, or the true address was another: what does not fit is not shown.
  const fits = why.data?.rule === event.rule ? why.data : null;
  return (
    <>
      <code><Net>{event.rule}</Net></code>{' '}
      {fits?.list && fits.line
        ? w.events.ruleLine.replace('{list}', () => inert(fits.list)).replace('{line}', String(fits.line))
        : w.events.ruleOf.replace('{list}', () => inert(list))}
      {fits?.text ? <><br /><code><Net>{fits.text}</Net></code></> : null}
      {fits?.sentence ? <><br /><span class="quiet"><Because why={fits} /></span></> : null}
    </>
  );
}
