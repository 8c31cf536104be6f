import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Away, Refusal } from '../api';
import { inert, rich } from '../inert';
import { useWords } from '../language';
import { Said } from '../said';
import type { Action, Loaded } from '../use';

/** What happens when a button's work takes longer than a moment, or is refused. Always there, so that readers hear it. */
export function Outcome({ action, busy, done }: { action: Action; busy?: ComponentChildren; done?: ComponentChildren }) {
  const { w } = useWords();
  return (
    <div class="status" role="status">
      {action.busy ? <Busy>{busy ?? w.common.working}</Busy> : action.error ? <Failure error={action.error} /> : done ? <p class="good">{done}</p> : null}
    </div>
  );
}

/** Progress of something of which nobody knows how long it takes; shown after a moment, so that quick things don't flicker. */
export function Busy({ children }: { children: ComponentChildren }) {
  const [shown, show] = useState(false);
  useEffect(() => {
    const wait = setTimeout(() => show(true), 250);
    return () => clearTimeout(wait);
  }, []);
  const name = useId();
  return shown ? (
    <p class="busy">
      <span id={name}>{children}</span> <progress aria-labelledby={name} />
    </p>
  ) : null;
}

export function Failure({ error, again }: { error: Error; again?: () => void }) {
  const { w } = useWords();
  if (error instanceof Away) return <p class="bad">{w.away}</p>;
  return (
    <p class="bad">
      {rich(w.common.failed, { why: error instanceof Refusal ? <Said text={error.message} /> : inert(error.message) })} {again ? <button type="button" onClick={again}>{w.common.again}</button> : null}
    </p>
  );
}

/** The content once it is there. */
export function Ready<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ComponentChildren }) {
  const { w } = useWords();
  if (of.data !== undefined)
    return (
      <>
        {of.error ? <div role="alert"><Failure error={of.error} again={of.again} /></div> : null}
        {children(of.data)}
      </>
    );
  if (of.error) return <div role="alert"><Failure error={of.error} again={of.again} /></div>;
  return <Busy>{w.common.loading}</Busy>;
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="large">{title}</p>
      {children}
    </div>
  );
}

export function Field({ label, hint, children }: { label: ComponentChildren; hint?: ComponentChildren; children: ComponentChildren }) {
  return (
    <label class="field">
      <span class="label">{label}</span>
      {children}
      {hint ? <small>{hint}</small> : null}
    </label>
  );
}

export function Tick({ label, checked, onChange, disabled, hint }: { label: ComponentChildren; checked: boolean; onChange: (on: boolean) => void; disabled?: boolean; hint?: ComponentChildren }) {
  const id = useId();
  return (
    <div class="tick">
      <input id={id} type="checkbox" checked={checked} disabled={disabled} aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)} />
      <label for={id}>{label}</label>
      {hint ? <small id={`${id}-hint`}>{hint}</small> : null}
    </div>
  );
}

export interface Choice<T extends string> {
  value: T;
  label: string;
}

/** A few choices of which one holds; radio buttons that look like one row. */
export function Choices<T extends string>({ legend, choices, value, onChange, hidden }: { legend: string; choices: Choice<T>[]; value: T; onChange: (value: T) => void; hidden?: boolean }) {
  const name = useId();
  return (
    <fieldset class="choices">
      <legend class={hidden ? 'for-readers' : undefined}>{legend}</legend>
      <div class="row">
        {choices.map((choice) => (
          <label key={choice.value} class={choice.value === value ? 'chosen' : undefined}>
            <input type="radio" name={name} checked={choice.value === value} onChange={() => onChange(choice.value)} />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A question that must be answered before something is lost. The browser's own dialog keeps the focus inside. */
export function Sure({ question, yes, onYes, onNo }: { question: ComponentChildren; yes: string; onYes: () => void; onNo: () => void }) {
  const { w } = useWords();
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  const no = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    box.current?.showModal();
    no.current?.focus(); // the answer that loses nothing
  }, []);
  return (
    <dialog ref={box} aria-labelledby={id} onCancel={onNo} onClose={onNo}>
      <p id={id} class="large">{question}</p>
      <div class="row">
        <button type="button" class="danger" onClick={onYes}>{yes}</button>
        <button type="button" ref={no} onClick={onNo}>{w.common.cancel}</button>
      </div>
    </dialog>
  );
}

/** Something that can be copied with one tap, where the browser allows it. */
export function Copy({ text }: { text: string }) {
  const { w } = useWords();
  const [copied, set] = useState(false);
  return (
    <span class="copy">
      <code><bdi>{(inert(text).match(/[^:/]+[:/]*|[:/]+/g) ?? []).map((piece, index) => <span key={index}>{piece}<wbr /></span>)}</bdi></code>
      {navigator.clipboard ? (
        <button type="button" class="small" onClick={() => void navigator.clipboard.writeText(text).then(() => set(true))}>{w.setup.copy}</button>
      ) : null}
      <span role="status">{copied ? ` ${w.setup.copied}` : ''}</span>
    </span>
  );
}

/** Programs that keep passwords ask whose it is; there is one owner. */
export const Whose = ({ name }: { name: string }) => <input type="text" autocomplete="username" value={name} readOnly hidden />;

/** `backticks` in a sentence become code. */
export function Worded({ text }: { text: string }) {
  return <>{text.split(/(`[^`]+`)/).map((piece) => (piece.startsWith('`') && piece.length > 2 ? <code>{piece.slice(1, -1)}</code> : piece))}</>;
}

