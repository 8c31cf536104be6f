import { useState } from 'preact/hooks';
import { inert } from '../inert';
import { useWords } from '../language';
import { Field } from './basics';

/** Whose account it is: the home, or one of its people; a name that was not there before can be added. */
export function PersonChoice({ label, person, people, onChange }: { label: string; person: string; people: string[]; onChange: (name: string) => void }) {
  const { w } = useWords();
  const [adding, setAdding] = useState(false);
  const [name, setName] = useState('');
  const add = (event: Event) => {
    event.preventDefault();
    if (name.trim()) onChange(name.trim());
    setAdding(false);
    setName('');
  };
  return (
    <div class="row">
      <Field label={label}>
        <select value={person} onChange={(event) => onChange(event.currentTarget.value)}>
          {[...new Set(['', ...people, person])].map((one) => <option key={one} value={one}>{one ? inert(one) : w.common.home}</option>)}
        </select>
      </Field>
      {adding ? (
        <form class="row" onSubmit={add}>
          <Field label={w.data.personName}><input type="text" required maxLength={60} value={name} onInput={(event) => setName(event.currentTarget.value)} /></Field>
          <button type="submit">{w.common.save}</button>
        </form>
      ) : (
        <button type="button" onClick={() => setAdding(true)}>{w.data.addPerson}</button>
      )}
    </div>
  );
}
