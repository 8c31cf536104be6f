import { useState } from 'preact/hooks';
import { call, read, type Mine } from '../api';
import { useWords } from '../language';
import { useAction, useLoad } from '../use';
import { Field, Outcome, Ready } from './basics';

/** "Was that mine?" A value goes in and never comes out: only how many are recognised is shown. */
export function MineCard() {
  const { w } = useWords();
  const mine = useLoad(() => read<Mine>('/mine'), 'mine');
  const action = useAction();
  const [values, setValues] = useState({ em: '', ph: '' });
  const add = (kind: 'em' | 'ph') => (event: Event) => {
    event.preventDefault();
    void action.run(async () => mine.set(await call<Mine>('POST', '/mine', { kind, value: values[kind] }))).then((good) => good && setValues({ ...values, [kind]: '' }));
  };
  return (
    <section class="card" aria-labelledby="mine">
      <h2 id="mine">{w.data.mine}</h2>
      <p>{w.data.mineWhat}</p>
      <form class="row" onSubmit={add('em')}>
        <Field label={w.data.mineEmail}><input type="email" required autocomplete="off" value={values.em} onInput={(event) => setValues({ ...values, em: event.currentTarget.value })} /></Field>
        <button type="submit" disabled={action.busy}>{w.data.mineAdd}</button>
      </form>
      <form class="row" onSubmit={add('ph')}>
        <Field label={w.data.minePhone}><input type="tel" required autocomplete="off" placeholder="+33 …" value={values.ph} onInput={(event) => setValues({ ...values, ph: event.currentTarget.value })} /></Field>
        <button type="submit" disabled={action.busy}>{w.data.mineAdd}</button>
      </form>
      <Outcome action={action} />
      <Ready of={mine}>
        {(now) => now.items.length ? (
          <>
            {now.items.map((one) => <p key={one.kind}>{w.data.mineCount[one.kind](one.count)}</p>)}
            <button type="button" disabled={action.busy} onClick={() => void action.run(() => call('DELETE', '/mine')).then(mine.again)}>{w.data.mineForget}</button>
          </>
        ) : null}
      </Ready>
    </section>
  );
}
