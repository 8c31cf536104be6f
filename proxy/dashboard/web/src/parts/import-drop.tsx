import { useEffect, useRef, useState } from 'preact/hooks';
import type { Import } from '../api';
import { useCell } from '../cell';
import { Net, inert, plain } from '../inert';
import { useWords, type Speech } from '../language';
import { Said } from '../said';
import { cancel, send, upload, type Sent, type Upload } from '../upload';
import { Field } from './basics';

/** Drop Meta's export, in one file or in several. */
export function ImportDrop({ title, person, imports, onDone }: {
  title: string;
  person: string;
  imports: Import[];
  onDone: (made: Import) => void;
}) {
  const speech = useWords();
  const { w } = speech;
  const say = w.compare.import;
  const now = useCell(upload);
  const [over, setOver] = useState(false);
  const [to, setTo] = useState('');
  const own = imports.filter((one) => one.person === person);
  const chosen = own.some((one) => one.id === to) ? to : '';
  const take = (list: FileList | null | undefined) => {
    const files = [...(list ?? [])];
    void send(files, person, chosen);
  };
  const ran = useRef(false);
  useEffect(() => {
    if (ran.current && now?.result && !now.running) onDone(now.result);
    ran.current = !!now?.running;
  }, [now?.running]);
  // What is over and was read need not be read again at the next visit.
  useEffect(() => () => void (upload.get()?.running || upload.set(null)), []);
  return (
    <section aria-labelledby="import-title">
      <h2 id="import-title">{title}</h2>
      {own.length ? (
        <Field label={say.to}>
          <select value={chosen} onChange={(event) => setTo(event.currentTarget.value)}>
            <option value="">{say.toNew}</option>
            {own.map((one) => <option key={one.id} value={one.id}>{importName(one, speech)}</option>)}
          </select>
        </Field>
      ) : null}
      <div class={`drop${over ? ' over' : ''}`}
        onDragOver={(event) => { event.preventDefault(); setOver(true); }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => { event.preventDefault(); setOver(false); take(event.dataTransfer?.files); }}>
        <p>{say.what}</p>
        <label class="button">
          {say.choose}
          <input class="for-readers" type="file" multiple accept=".zip,.json,.html,.htm,application/zip,application/json,text/html" disabled={now?.running}
            onChange={(event) => { take(event.currentTarget.files); event.currentTarget.value = ''; }} />
        </label>{' '}
        <span class="quiet">{say.drop}</span>
      </div>
      {now ? <Files of={now} /> : null}
      <div role="status" class="for-readers">{now?.running ? <Aloud of={now} /> : null}</div>
      <div role="status">{now && !now.running ? <Result of={now} /> : null}</div>
    </section>
  );
}

/** "Facebook, imported 27 November 2026, 10:00" */
export const importName = (of: Import, { w, f }: Speech): string =>
  plain(w.compare.importOf, { source: w.compare.sources[of.source], time: `${f.dayOf(of.time)}, ${f.clock(of.time)}` });

function Files({ of }: { of: Upload }) {
  const { w } = useWords();
  const say = w.compare.import;
  return (
    <>
      <ul class="lines files" aria-label={say.files}>
        {of.files.map((file, index) => <li key={index} class={file.state}><FileLine file={file} /></li>)}
      </ul>
      {of.running ? <p><button type="button" onClick={cancel}>{say.cancel}</button></p> : null}
    </>
  );
}

function FileLine({ file }: { file: Sent }) {
  const { w, f } = useWords();
  const say = w.compare.import;
  const states: Record<Sent['state'], string> = {
    waiting: say.waiting,
    sending: say.sent.replace('{percent}', f.number(file.percent)),
    adding: say.addingShort,
    done: say.done,
    refused: say.refused,
    cancelled: say.cancelled,
  };
  const label = `${inert(file.name)}: ${states[file.state]}`;
  return (
    <>
      <span class="row spread"><Net strong>{file.name}</Net> <span class={file.state === 'refused' ? 'bad' : 'quiet'}>{states[file.state]}</span></span>
      {file.state === 'sending' ? <progress max={100} value={file.percent} aria-label={label} /> : file.state === 'adding' ? <progress aria-label={label} /> : null}
      {file.state === 'refused' ? <Refused file={file} /> : null}
    </>
  );
}

/** Our own words in the page's language, and below them the service's, which know more. */
function Refused({ file }: { file: Sent }) {
  const { w } = useWords();
  const say = w.compare.import;
  return (
    <p class="bad">
      {file.status ? (say.errors[file.status] ?? '') : say.broken}{' '}
      {file.sentence ? <>{say.reply} <Said text={file.sentence} /></> : null}
    </p>
  );
}

/** For who reads by ear: not each percent, but each quarter. */
function Aloud({ of }: { of: Upload }) {
  const { w } = useWords();
  const file = of.files.find((one) => one.state === 'sending' || one.state === 'adding');
  if (!file) return null;
  const name = inert(file.name);
  return <>{file.state === 'adding' ? w.compare.import.adding(name) : w.compare.import.sending(name, file.percent - (file.percent % 25))}</>;
}

/** The comparison stands above, and grew while one looked here. */
function toLists(): void {
  const lead = document.getElementById('compared');
  lead?.scrollIntoView({ block: 'center' });
  lead?.focus({ preventScroll: true });
}

function Result({ of }: { of: Upload }) {
  const { w } = useWords();
  const say = w.compare.import;
  const refused = of.files.some((file) => file.state === 'refused' && file.status === 422);
  if (!of.result) return of.files.some((file) => file.state === 'refused') ? <p class="bad">{say.nothing}</p> : <p>{say.stopped}</p>;
  return (
    <>
      <p><span class="good">{say.finished(of.result.events, of.result.companies)}</span> <button type="button" class="small" onClick={toLists}>{say.show}</button></p>
      {of.result.skipped ? <p>{say.skipped(of.result.skipped)}</p> : null}
      {refused ? <p class="quiet">{say.someRefused}</p> : null}
    </>
  );
}
