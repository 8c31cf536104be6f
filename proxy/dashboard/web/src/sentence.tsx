import type { DecodedEvent, Event } from './api';
import { Net, inert, rich } from './inert';
import { useWords } from './language';
import type { Words } from './words/en';
import type { Formats } from './format';

type Told = Event | DecodedEvent;

const has = <T,>(map: Record<string, T>, key: string): T | undefined => (Object.hasOwn(map, key) ? map[key] : undefined);

export function kindInWords(kind: string, w: Words): string {
  return has(w.meta.kinds, kind.replace(/^_/, '')) ?? w.meta.otherKind.replace('{kind}', () => `“${inert(kind)}”`);
}

/** Kinds in words, each once, those that say who somebody is before numbers of browsers. */
export function kindsInWords(kinds: string[], w: Words, f: Formats): string {
  return f.list([...new Set(kinds.map((kind) => kindInWords(kind, w)))]);
}

/** Meta's name for an event in words; a site's own name stays as it is. */
export function NameInWords({ event }: { event: Told }) {
  const { w } = useWords();
  if (!event.name) return <>{w.meta.unnamed[event.product]}</>;
  const known = has(w.meta.events, event.name);
  return known ? <>{known}</> : <q><Net>{event.name}</Net></q>;
}

function Who({ event }: { event: Told }) {
  const { w } = useWords();
  const app = event.device_facts?.['app'];
  if (typeof app === 'string' && app && (!event.site || event.product === 'app_events'))
    return <strong>{rich(w.meta.sentences.app, { name: <Net>{app}</Net> })}</strong>;
  if (event.site) return <Net strong>{event.site}</Net>;
  return <strong>{w.meta.sentences.somebody}</strong>;
}

const verdictOf = (event: Told) => event.verdict;
export const isStopped = (event: Told) => verdictOf(event) === 'block' || verdictOf(event) === 'answer';

/** One event as a person would say it. */
export function Sentence({ event }: { event: Told }) {
  const { w, f } = useWords();
  const say = w.meta.sentences;
  const verdict = verdictOf(event);
  const outcome = verdict ? <span class={`outcome ${verdict}`}>{w.meta.outcomes[verdict]}</span> : null;
  const host = <Net strong>{event.destination ?? ''}</Net>;
  if (event.seen === 'host' || (!event.site && !event.name && !event.device_facts?.['app'])) {
    const template = event.product === 'loader' ? say.hostLoader : say.hostOther;
    return (
      <>
        {rich(template, { host, product: w.meta.products[event.product] })} {event.seen === 'host' && event.product !== 'loader' ? `${say.sitesUnknown} ` : ''}
        {outcome}
      </>
    );
  }
  const template = !verdict ? say.tells : isStopped(event) ? say.wanted : say.told;
  const kinds = event.identifiers ?? [];
  return (
    <>
      {rich(template, {
        who: <Who event={event} />,
        what: <NameInWords event={event} />,
        value: event.value !== undefined && event.value !== null ? rich(say.value, { money: <bdi>{f.money(event.value, event.currency)}</bdi> }) : '',
        kinds: kinds.length ? rich(say.kinds, { list: kindsInWords(kinds, w, f) }) : '',
      })}{' '}
      {event.mine?.length ? <strong class="mine">{w.events.minePart.replace('{list}', f.list(event.mine.map((kind) => w.events.mineKinds[kind])))} </strong> : null}
      {outcome}
    </>
  );
}
