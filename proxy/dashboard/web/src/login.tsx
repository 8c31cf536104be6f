import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, ended, read, Refusal, renewed, type Session } from './api';
import { useCell } from './cell';

import { chosen, useWords } from './language';
import { Field, Outcome, Ready, Whose, Worded } from './parts/basics';
import { useAction, useLoad } from './use';

async function session(): Promise<Session> {
  const state = await read<Session>('/session');
  chosen.set(state.language);
  if (state.owner || state.login !== 'open') return state;
  // On the owner's own computer, without a password, a session is for the asking.
  await call('POST', '/session', {});
  return { ...state, owner: true };
}

/** What the dashboard shows once the asker is its owner. When a session ends later, the page stays and the form comes above it. */
export function LoginGate({ children }: { children: ComponentChildren }) {
  const over = useCell(ended);
  const state = useLoad(session, 'session');
  const [entered, setEntered] = useState(false);
  // What it takes to log in may have changed since (somebody set a password); on the owner's own computer nothing may be
  // needed. Not again and again, though: a refusal that has another reason would go round for ever.
  const tried = useRef(0);
  useEffect(() => {
    if (!over || Date.now() - tried.current < 5000) return;
    tried.current = Date.now();
    session().then(
      (now) => {
        state.set(now);
        if (!now.owner) return;
        ended.set(false);
        renewed();
      },
      () => {},
    );
  }, [over]);
  const renew = () => {
    ended.set(false);
    setEntered(true);
    state.again();
    renewed(); // what stood there while nobody was logged in is read anew
  };
  return (
    <Ready of={state}>
      {(now) => {
        const owner = (now.owner || entered) && !over;
        return (
          <>
            {owner ? null : now.login === 'closed' ? <Closed /> : <Login code={now.login === 'code'} ended={over && entered} open={now.login === 'open'} onDone={renew} />}
            {owner || entered ? <Entered over={over} onEnter={() => setEntered(true)}>{children}</Entered> : null}
          </>
        );
      }}
    </Ready>
  );
}

function Entered({ over, onEnter, children }: { over: boolean; onEnter: () => void; children: ComponentChildren }) {
  useEffect(onEnter, []);
  return <div inert={over}>{children}</div>;
}

function Closed() {
  const { w } = useWords();
  return (
    <section class="card narrow">
      <h1>{w.login.closedTitle}</h1>
      <p>{w.login.closed}</p>
      <p><a class="button" href="/setup">{w.login.toSetup}</a></p>
    </section>
  );
}

/** Seconds until another try is allowed, counted down. */
function useDelay(error: Error | undefined): number {
  const [left, set] = useState(0);
  useEffect(() => {
    if (!(error instanceof Refusal) || error.status !== 429) return set(0);
    const until = Date.now() + Math.max(1, error.retryAfter) * 1000;
    const look = () => set(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    look();
    const clock = setInterval(look, 500);
    return () => clearInterval(clock);
  }, [error]);
  return left;
}

function Login({ code, ended: over, open, onDone }: { code: boolean; ended: boolean; open: boolean; onDone: () => void }) {
  const { w } = useWords();
  const action = useAction();
  const [withCode, setWithCode] = useState(code);
  const [fields, setFields] = useState({ password: '', code: '', new: '', again: '' });
  const [differ, setDiffer] = useState(false);
  const wait = useDelay(action.error);
  const input = (name: keyof typeof fields, type: string, autocomplete: string, label: string) => (
    <Field label={label}>
      <input name={name} type={type} required autocomplete={autocomplete as 'off'} minLength={type === 'password' && name !== 'password' ? 8 : undefined}
        maxLength={200} value={fields[name]} onInput={(event) => setFields({ ...fields, [name]: event.currentTarget.value })} />
    </Field>
  );
  const go = async (event: Event) => {
    event.preventDefault();
    if (withCode && fields.new !== fields.again) return setDiffer(true);
    setDiffer(false);
    const done = await action.run(() =>
      withCode ? call('PUT', '/password', { new: fields.new, code: fields.code.trim() }) : call('POST', '/session', open ? {} : { password: fields.password }),
    );
    if (done) onDone();
  };
  return (
    <section class="card narrow">
      <h1>{withCode ? w.login.codeTitle : w.login.title}</h1>
      {over ? <p role="alert">{w.login.ended}</p> : null}
      {withCode ? <p><Worded text={w.login.codeWhy} /></p> : null}
      <form onSubmit={(event) => void go(event)}>
        <Whose name="paravent" />
        {withCode ? (
          <>
            {input('code', 'text', 'one-time-code', w.login.code)}
            {input('new', 'password', 'new-password', w.login.new)}
            {input('again', 'password', 'new-password', w.login.newAgain)}
          </>
        ) : open ? null : input('password', 'password', 'current-password', w.login.password)}
        <button type="submit" class="main" disabled={action.busy || wait > 0}>{withCode ? w.login.set : w.login.go}</button>
        <div role="alert">{differ ? <p class="bad">{w.login.differ}</p> : null}</div>
        {wait > 0 ? <p class="bad" role="status">{w.login.wait(wait)}</p> : action.error instanceof Refusal && action.error.status === 429 ? null : <Outcome action={action} />}
      </form>
      {!withCode && !open ? (
        <>
          <p><small><Worded text={w.login.forgot} /></small></p>
          <button type="button" class="link" onClick={() => setWithCode(true)}>{w.login.useCode}</button>
        </>
      ) : null}
      <p><a href="/setup">{w.login.toSetup}</a></p>
    </section>
  );
}
