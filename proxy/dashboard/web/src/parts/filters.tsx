import { useEffect, useRef, useState } from 'preact/hooks';
import { useHome } from '../home';
import { inert } from '../inert';
import { useWords } from '../language';
import { Field } from './basics';

type Values = Record<'device' | 'site' | 'product' | 'verdict' | 'q', string>;

/** Filters as they stand in the page's address, so that a view can be kept as a bookmark. */
export function Filters({ values, onChange }: { values: Values; onChange: (values: Values) => void }) {
  const { w } = useWords();
  const { devices, nameOf } = useHome();
  const [draft, setDraft] = useState({ site: values.site, q: values.q });
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => setDraft({ site: values.site, q: values.q }), [values.site, values.q]);
  // A search starts when somebody stops typing, not at each letter.
  const type = (name: 'site' | 'q', value: string) => {
    const next = { ...draft, [name]: value };
    setDraft(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange({ ...values, ...next }), 400);
  };
  const choose = (name: keyof Values, value: string) => onChange({ ...values, ...draft, [name]: value });
  const unknown = values.device && !devices.some((device) => device.id === values.device);
  return (
    <form class="filters" role="search" aria-label={w.events.filter} onSubmit={(event) => { event.preventDefault(); clearTimeout(timer.current); onChange({ ...values, ...draft }); }}>
      <Field label={w.events.device}>
        <select value={values.device} onChange={(event) => choose('device', event.currentTarget.value)}>
          <option value="">{w.common.all}</option>
          {unknown ? <option value={values.device}>{inert(values.device)}</option> : null}
          {devices.map((device) => <option key={device.id} value={device.id}>{inert(nameOf(device.id))}</option>)}
        </select>
      </Field>
      <Field label={w.events.site}>
        <input type="text" value={draft.site} placeholder="shop.example" autocapitalize="off" spellcheck={false} onInput={(event) => type('site', event.currentTarget.value)} />
      </Field>
      <Field label={w.events.product}>
        <select value={values.product} onChange={(event) => choose('product', event.currentTarget.value)}>
          <option value="">{w.common.all}</option>
          {Object.entries(w.meta.products).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
        </select>
      </Field>
      <Field label={w.events.verdict}>
        <select value={values.verdict} onChange={(event) => choose('verdict', event.currentTarget.value)}>
          <option value="">{w.common.all}</option>
          {Object.entries(w.meta.verdicts).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
        </select>
      </Field>
      <Field label={w.events.text}>
        <input type="search" value={draft.q} onInput={(event) => type('q', event.currentTarget.value)} />
      </Field>
      {Object.values(values).some(Boolean) ? (
        <button type="button" onClick={() => onChange({ device: '', site: '', product: '', verdict: '', q: '' })}>{w.events.clear}</button>
      ) : null}
    </form>
  );
}
