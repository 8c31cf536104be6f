import { useState } from 'preact/hooks';
import { ask, call } from '../api';
import { useHome } from '../home';
import { inert } from '../inert';
import { useWords } from '../language';
import { useAction } from '../use';
import { Field, Outcome, Sure, Whose, Worded } from './basics';
import { named, save } from './save';

const sqlite = 'application/vnd.sqlite3';

export function Backup() {
  const { w } = useWords();
  const action = useAction();
  const [passphrase, setPassphrase] = useState('');
  const go = (event: Event) => {
    event.preventDefault();
    void action.run(async () => {
      const answer = passphrase
        ? await ask('POST', '/api/v1/backup', JSON.stringify({ passphrase }), { 'Content-Type': 'application/json' })
        : await ask('GET', '/api/v1/backup');
      save(named('backup', 'db'), await answer.blob());
    });
  };
  return (
    <section class="card" aria-labelledby="backup">
      <h2 id="backup">{w.settings.backup}</h2>
      <p>{w.settings.backupWhat}</p>
      <form onSubmit={go}>
        <Whose name="paravent-backup" />
        <Passphrase value={passphrase} onChange={setPassphrase} autocomplete="new-password" />
        <button type="submit" disabled={action.busy}>{w.settings.backupGo}</button>
        <Outcome action={action} busy={w.settings.backupBusy} />
      </form>
    </section>
  );
}

function Passphrase({ value, onChange, autocomplete }: { value: string; onChange: (value: string) => void; autocomplete: 'off' | 'new-password' }) {
  const { w } = useWords();
  return (
    <Field label={<>{w.settings.passphrase} <small>{w.common.optional}</small></>}>
      <input type="password" minLength={8} maxLength={1024} autocomplete={autocomplete} value={value} onInput={(event) => onChange(event.currentTarget.value)} />
    </Field>
  );
}

interface Restored {
  authority: 'none' | 'locked' | 'restored';
  settings_kept_at: string | null;
}

export function Restore() {
  const { w } = useWords();
  const { again } = useHome();
  const action = useAction();
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState('');
  const [sure, setSure] = useState(false);
  const [done, setDone] = useState<Restored | null>(null);
  const tooLarge = (file?.size ?? 0) > 1_048_576;
  const go = () => {
    setSure(false);
    setDone(null);
    void action.run(async () => {
      const answer = await ask('POST', '/api/v1/restore', file!, { 'Content-Type': sqlite, ...(passphrase ? { 'Paravent-Passphrase': encodeURIComponent(passphrase) } : {}) });
      setDone((await answer.json()) as Restored);
      again();
    });
  };
  const said = done && { none: w.settings.restored, locked: w.settings.restoredLocked, restored: w.settings.restoredAuthority }[done.authority];
  return (
    <section class="card" aria-labelledby="restore">
      <h2 id="restore">{w.settings.restore}</h2>
      <p><Worded text={w.settings.restoreWhat} /></p>
      <form onSubmit={(event) => { event.preventDefault(); setSure(true); }}>
        <Field label={w.settings.restoreFile}><input type="file" required accept=".db,application/vnd.sqlite3" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} /></Field>
        <Whose name="paravent-backup" />
        <Passphrase value={passphrase} onChange={setPassphrase} autocomplete="off" />
        <button type="submit" disabled={action.busy || !file || tooLarge}>{w.settings.restoreGo}</button>
        <div role="alert">{tooLarge ? <p class="bad">{w.settings.restoreTooLarge}</p> : null}</div>
        <Outcome action={action} busy={w.settings.restoreBusy}
          done={said ? <>{said} {done?.settings_kept_at ? w.settings.restoredSettings.replace('{file}', () => inert(done.settings_kept_at)) : ''}</> : null} />
      </form>
      {sure && file ? <Sure question={w.settings.restoreSure.replace('{file}', () => inert(file.name))} yes={w.settings.restoreGo} onYes={go} onNo={() => setSure(false)} /> : null}
    </section>
  );
}

type What = 'all' | 'device' | 'site';

export function Forget() {
  const { w, f } = useWords();
  const { devices, nameOf, again } = useHome();
  const action = useAction();
  const [what, setWhat] = useState<What>('site');
  const [device, setDevice] = useState('');
  const [site, setSite] = useState('');
  const [sure, setSure] = useState(false);
  const [gone, setGone] = useState<number | null>(null);
  const chosen = device || devices[0]?.id || '';
  const query = what === 'all' ? '' : what === 'device' ? `?device=${encodeURIComponent(chosen)}` : `?site=${encodeURIComponent(site.trim())}`;
  const go = () => {
    setSure(false);
    setGone(null);
    void action.run(async () => {
      setGone((await call<{ forgotten: number }>('DELETE', `/events${query}`)).forgotten);
      again();
    });
  };
  return (
    <section class="card" aria-labelledby="forget">
      <h2 id="forget">{w.settings.forget}</h2>
      <p>{w.settings.forgetWhat}</p>
      <form onSubmit={(event) => { event.preventDefault(); setSure(true); }}>
        <Field label={w.settings.forgetWhich}>
          <select value={what} onChange={(event) => setWhat(event.currentTarget.value as What)}>
            <option value="site">{w.settings.forgetSite}</option>
            <option value="device">{w.settings.forgetDevice}</option>
            <option value="all">{w.settings.forgetAll}</option>
          </select>
        </Field>
        {what === 'device' ? (
          <Field label={w.events.device}>
            <select value={chosen} onChange={(event) => setDevice(event.currentTarget.value)}>
              {devices.map((one) => <option key={one.id} value={one.id}>{inert(nameOf(one.id))}</option>)}
            </select>
          </Field>
        ) : what === 'site' ? (
          <Field label={w.settings.forgetSite_}><input type="text" required placeholder="shop.example" value={site} onInput={(event) => setSite(event.currentTarget.value)} /></Field>
        ) : null}
        <button type="submit" class="danger" disabled={action.busy || (what === 'device' && !chosen)}>{w.settings.forgetGo}</button>
        <Outcome action={action} done={gone === null ? null : `${w.settings.forgotten} ${f.number(gone)}`} />
      </form>
      {sure ? (
        <Sure question={what === 'all' ? w.settings.forgetAllSure : w.settings.forgetOneSure.replace('{what}', () => inert(what === 'device' ? nameOf(chosen) : site))}
          yes={w.settings.forgetGo} onYes={go} onNo={() => setSure(false)} />
      ) : null}
    </section>
  );
}
