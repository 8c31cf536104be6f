import { useState } from 'preact/hooks';
import { call, type Authorities, type Authority, type MadeAuthority } from '../api';
import { inert } from '../inert';
import { useWords } from '../language';
import { Said } from '../said';
import { useAction } from '../use';
import { Copy, Field, Outcome, Sure, Whose, Worded } from './basics';
import { named, save } from './save';

const pem = (text: string) => new Blob([text], { type: 'application/x-pem-file' });

/** The home's certificate: make it, compare it, give it away, renew it, end it. */
export function AuthorityCard({ all, onChange }: { all: Authorities; onChange: () => void }) {
  const { w } = useWords();
  const [made, setMade] = useState<MadeAuthority | null>(null);
  const done = (result: MadeAuthority) => {
    setMade(result.root_key ? result : null);
    onChange();
  };
  return (
    <section class="card" aria-labelledby="authority">
      <h2 id="authority">{w.authority.title}</h2>
      {all.problems.map((text) => <p key={text} class="bad"><Said text={text} /></p>)}
      {made?.root_key ? (
        <p class="hint">{w.authority.rootKey} <button type="button" onClick={() => save(named('root-key', 'pem'), pem(made.root_key!))}>{w.authority.pem}</button></p>
      ) : null}
      {all.items.length === 0 ? <><p>{w.authority.none}</p><Make renew={false} onDone={done} /></> : null}
      {all.items.map((one) => <One key={one.fingerprint} authority={one} onChange={onChange} />)}
      {all.items.length === 1 ? <details><summary>{w.authority.renew}</summary><p>{w.authority.renewSure}</p><Make renew onDone={done} /></details> : null}
    </section>
  );
}

function Make({ renew, onDone }: { renew: boolean; onDone: (made: MadeAuthority) => void }) {
  const { w } = useWords();
  const action = useAction();
  const [passphrase, setPassphrase] = useState('');
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      void action.run(async () => onDone(await call<MadeAuthority>('POST', '/authority', { renew, ...(passphrase ? { passphrase } : {}) })));
    }}>
      <Whose name="paravent-root" />
      <Field label={<>{w.authority.keep} <small>{w.common.optional}</small></>} hint={w.authority.keepWhat}>
        <input type="password" minLength={8} maxLength={1024} autocomplete="new-password" value={passphrase} onInput={(event) => setPassphrase(event.currentTarget.value)} />
      </Field>
      <button type="submit" class={renew ? '' : 'main'} disabled={action.busy}>{renew ? w.authority.renew : w.authority.create}</button>
      <Outcome action={action} busy={w.authority.making} />
    </form>
  );
}

function One({ authority, onChange }: { authority: Authority; onChange: () => void }) {
  const { w, f } = useWords();
  const action = useAction();
  const [sure, setSure] = useState(false);
  return (
    <div class="part">
      <p><strong>{inert(authority.name)}</strong> <span class="quiet">{w.authority.valid.replace('{time}', f.date(authority.not_after))}</span></p>
      {authority.notice ? <p class="bad"><Said text={authority.notice} /></p> : null}
      <p>{w.authority.fingerprint}<br /><Copy text={authority.fingerprint} /></p>
      <p class="quiet"><Worded text={w.authority.compare} /></p>
      <details><summary>{w.authority.scope}</summary><p>{[...authority.domains, ...authority.names].map(inert).join(', ')}</p></details>
      <div class="row">
        <a class="button" href="/authority.crt" download="paravent.crt">{w.authority.download}</a>
        <button type="button" onClick={() => save('paravent.pem', pem(authority.certificate))}>{w.authority.pem}</button>
        <button type="button" class="danger" disabled={action.busy} onClick={() => setSure(true)}>{w.authority.remove}</button>
      </div>
      <Outcome action={action} />
      {sure ? (
        <Sure question={w.authority.removeSure} yes={w.authority.remove} onNo={() => setSure(false)}
          onYes={() => { setSure(false); void action.run(() => call('DELETE', `/authority?fingerprint=${encodeURIComponent(authority.fingerprint)}`)).then((good) => good && onChange()); }} />
      ) : null}
    </div>
  );
}
