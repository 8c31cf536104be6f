import { useState } from 'preact/hooks';
import type { DecodedEvent } from '../api';
import { decode } from '../har';
import { inert } from '../inert';
import { useWords } from '../language';
import { Sentence } from '../sentence';
import { useAction } from '../use';
import { Outcome } from './basics';

interface Found {
  entries: number;
  chosen: number;
  tooLong: number;
  events: DecodedEvent[];
}

class NoHar extends Error {}

/** Drop a recording of the browser and read what it told Meta. */
export function HarDrop() {
  const { w } = useWords();
  const action = useAction();
  const [progress, setProgress] = useState('');
  const [found, setFound] = useState<Found | null>(null);
  const [over, setOver] = useState(false);
  const [shown, setShown] = useState(50);
  const take = (file: File | undefined) => {
    if (!file) return;
    setFound(null);
    setShown(50);
    setProgress(w.har.parsing);
    void action.run(async () => {
      let har: unknown;
      try {
        har = JSON.parse(await file.text());
        if (!Array.isArray((har as { log?: { entries?: unknown } })?.log?.entries)) throw new Error('log.entries');
      } catch (error) {
        throw new NoHar(w.har.bad.replace('{why}', () => inert((error as Error).message)));
      }
      setFound(await decode(har, (done, all) => setProgress(w.har.reading(done + 1, all))));
    });
  };
  return (
    <section class="har" aria-labelledby="har-title">
      <h2 id="har-title">{w.har.title}</h2>
      <div class={`drop${over ? ' over' : ''}`}
        onDragOver={(event) => { event.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => { event.preventDefault(); setOver(false); take(event.dataTransfer?.files[0]); }}>
        <p>{w.har.what}</p>
        <label class="button">
          {w.har.choose}
          <input class="for-readers" type="file" accept=".har,application/json" disabled={action.busy} onChange={(event) => { take(event.currentTarget.files?.[0]); event.currentTarget.value = ''; }} />
        </label>{' '}
        <span class="quiet">{w.har.drop}</span>
      </div>
      <Outcome action={action} busy={progress} done={found ? (found.chosen ? w.har.found(found.events.length, found.chosen) : w.har.none(found.entries)) : null} />
      {found?.tooLong ? <p>{w.har.tooLong(found.tooLong)}</p> : null}
      {found?.events.length ? (
        <>
          <ol class="sentences">
            {found.events.slice(0, shown).map((event, index) => <li key={index}><Sentence event={event} /></li>)}
          </ol>
          {found.events.length > shown ? <button type="button" onClick={() => setShown(shown + 200)}>{w.common.more}</button> : null}
        </>
      ) : null}
    </section>
  );
}
