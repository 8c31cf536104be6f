import { useState } from 'preact/hooks';
import { call } from '../api';
import { useWords } from '../language';
import { useAction } from '../use';
import { Field, Outcome, Whose } from './basics';

export function PasswordForm() {
  const { w } = useWords();
  const action = useAction();
  const [fields, setFields] = useState({ old: '', new: '', again: '' });
  const [differ, setDiffer] = useState(false);
  const [done, setDone] = useState(false);
  const input = (name: keyof typeof fields, label: string) => (
    <Field label={label}>
      <input type="password" required={name !== 'old'} minLength={name === 'old' ? undefined : 8} maxLength={200} autocomplete={name === 'old' ? 'current-password' : 'new-password'}
        value={fields[name]} onInput={(event) => setFields({ ...fields, [name]: event.currentTarget.value })} />
    </Field>
  );
  const go = async (event: Event) => {
    event.preventDefault();
    setDone(false);
    setDiffer(fields.new !== fields.again);
    if (fields.new !== fields.again) return;
    const good = await action.run(() => call('PUT', '/password', { new: fields.new, ...(fields.old ? { old: fields.old } : {}) }));
    setDone(good);
    if (good) setFields({ old: '', new: '', again: '' });
  };
  return (
    <section class="card" aria-labelledby="password">
      <h2 id="password">{w.settings.password}</h2>
      <p>{w.settings.passwordWhat}</p>
      <form onSubmit={(event) => void go(event)}>
        <Whose name="paravent" />
        {input('old', w.settings.old)}
        {input('new', w.settings.new)}
        {input('again', w.settings.again)}
        <button type="submit" disabled={action.busy}>{w.settings.change}</button>
        <div role="alert">{differ ? <p class="bad">{w.login.differ}</p> : null}</div>
        <Outcome action={action} done={done ? w.settings.changed : null} />
      </form>
    </section>
  );
}
