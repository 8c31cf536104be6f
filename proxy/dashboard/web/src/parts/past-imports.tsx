import { useState } from 'preact/hooks';
import { call, type Import } from '../api';
import { Net, inert } from '../inert';
import { useWords } from '../language';
import { href } from '../route';
import { useAction } from '../use';
import { Outcome, Sure } from './basics';
import { importName } from './import-drop';

/** Lists of Meta's that are here, of everybody, each of which can be forgotten. */
export function PastImports({ imports, onChange }: { imports: Import[]; onChange: (gone: string) => void }) {
  const speech = useWords();
  const { w } = speech;
  const say = w.compare.import;
  const action = useAction();
  const [going, setGoing] = useState<Import | null>(null);
  const named = (one: Import) => `${inert(one.person) || w.common.home}, ${importName(one, speech)}`;
  if (!imports.length) return null;
  return (
    <section aria-labelledby="past">
      <h2 id="past">{say.past}</h2>
      <ul class="lines">
        {imports.map((one) => (
          <li key={one.id} class="row spread">
            <span>
              {one.person ? <Net strong>{one.person}</Net> : <strong>{w.common.home}</strong>}, {importName(one, speech)}{' '}
              <small class="quiet">{say.pastLine(one.events, one.companies, one.parts)}</small>
            </span>
            <span class="row">
              <a class="button" href={href('meta/compare', { person: one.person, import: one.id })}>{say.show}<span class="for-readers"> ({named(one)})</span></a>
              <button type="button" class="danger" disabled={action.busy} onClick={() => setGoing(one)}>{say.forget}<span class="for-readers"> ({named(one)})</span></button>
            </span>
          </li>
        ))}
      </ul>
      <Outcome action={action} />
      {going ? (
        <Sure question={say.forgetSure.replace('{what}', () => named(going))} yes={say.forget} onNo={() => setGoing(null)}
          onYes={() => { const { id } = going; setGoing(null); void action.run(() => call('DELETE', `/import?id=${encodeURIComponent(id)}`)).then(() => onChange(id)); }} />
      ) : null}
    </section>
  );
}
