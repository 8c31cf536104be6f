import type { ComponentChildren } from 'preact';
import { call, read, type Settings, type Status } from '../api';
import { useHome } from '../home';
import { chosen, useWords } from '../language';
import { Busy, Field, Outcome, Tick } from '../parts/basics';
import { Backup, Forget, Restore } from '../parts/keeping';
import { PasswordForm } from '../parts/password';
import { Tokens } from '../parts/tokens';
import { useAction, useLoad } from '../use';

export function SettingsPage() {
  const { w, f } = useWords();
  const { settings } = useHome();
  const status = useLoad(() => read<Status>('/status'), 'status');
  return (
    <>
      <h1>{w.pages.settings}</h1>
      <p>{w.settings.intro}</p>
      {settings ? <General settings={settings} /> : <Busy>{w.common.loading}</Busy>}
      <PasswordForm />
      <Tokens />
      <Backup />
      <Restore />
      <Forget />
      <LogOut />
      {status.data ? (
        <p class="quiet">
          {w.settings.about.replace('{version}', status.data.version).replace('{time}', f.span(status.data.uptime_s)).replace('{size}', f.bytes(status.data.database.bytes))}
        </p>
      ) : null}
    </>
  );
}

function General({ settings }: { settings: Settings }) {
  const { w } = useWords();
  const { changeSettings } = useHome();
  const action = useAction();
  const change = (next: Parameters<typeof changeSettings>[0]) => void action.run(() => changeSettings(next));
  const retentions = { ...w.settings.retentions };
  retentions[settings.retention] ??= settings.retention;
  /** A value that was changed here says what the file has, and the way back. */
  const kept = (key: 'profile' | 'privacy' | 'retention', shown: (value: string) => string): ComponentChildren =>
    settings.changed.includes(key) ? (
      <p class="row quiet">
        <span>{w.settings.fromFile.replace('{value}', () => shown(settings.from_file[key]))}</span>
        <button type="button" class="small" disabled={action.busy} onClick={() => change({ [key]: null })}>{w.settings.toFile}</button>
      </p>
    ) : null;
  return (
    <section class="card" aria-label={w.pages.settings}>
      <Field label={w.settings.profile}>
        <select value={settings.profile} disabled={action.busy} onChange={(event) => change({ profile: event.currentTarget.value as Settings['profile'] })}>
          {Object.entries(w.meta.profiles).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
        </select>
      </Field>
      {kept('profile', (value) => w.meta.profiles[value as Settings['profile']] ?? value)}
      <Field label={w.settings.privacy} hint={w.settings.privacyNote}>
        <select value={settings.privacy} disabled={action.busy} onChange={(event) => change({ privacy: event.currentTarget.value as Settings['privacy'] })}>
          {Object.entries(w.meta.privacy).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
        </select>
      </Field>
      {kept('privacy', (value) => w.meta.privacy[value as Settings['privacy']] ?? value)}
      <Field label={w.settings.retention}>
        <select value={settings.retention} disabled={action.busy} onChange={(event) => change({ retention: event.currentTarget.value })}>
          {Object.entries(retentions).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
        </select>
      </Field>
      {kept('retention', (value) => w.settings.retentions[value] ?? value)}
      <Field label={w.settings.language}>
        <select value={settings.language ?? ''} disabled={action.busy} onChange={(event) => {
          const language = (event.currentTarget.value || null) as Settings['language'];
          void action.run(() => changeSettings({ language })).then((good) => good && chosen.set(language));
        }}>
          <option value="">{w.settings.languageAuto}</option>
          <option value="en" lang="en">English</option>
          <option value="fr" lang="fr">Français</option>
        </select>
      </Field>
      <Tick label={w.settings.guests} checked={settings.guests_may_ask} disabled={action.busy} onChange={(on) => change({ guests_may_ask: on })} />
      <Tick label={w.settings.login} checked={settings.require_login} disabled={action.busy} onChange={(on) => change({ require_login: on })} />
      <Outcome action={action} />
    </section>
  );
}

function LogOut() {
  const { w } = useWords();
  const action = useAction();
  return (
    <div>
      <button type="button" disabled={action.busy} onClick={() => void action.run(() => call('DELETE', '/session')).then((good) => good && location.reload())}>{w.settings.logOut}</button>
      <Outcome action={action} />
    </div>
  );
}
