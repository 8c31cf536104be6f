import { useState } from 'preact/hooks';
import type { Self } from '../api';
import { inert, rich } from '../inert';
import { useWords } from '../language';
import { Outcome } from '../parts/basics';
import { proveTrust } from '../trust';
import { useAction } from '../use';
import { freshSelf } from './self';

interface Result {
  proxy: boolean;
  trust: boolean | null;
}

/** Ends in green, or says what is wrong and what to do. */
export function LiveTest({ self }: { self: Self }) {
  const { w } = useWords();
  const action = useAction();
  const [result, setResult] = useState<Result | null>(null);
  const name = self.names[0] ?? 'paravent.local';
  const test = () => {
    setResult(null);
    void action.run(async () => {
      const [now, trust] = await Promise.all([freshSelf(), self.authority ? proveTrust(name) : Promise.resolve(null)]);
      setResult({ proxy: now.via_proxy, trust });
    });
  };
  return (
    <section class="card" aria-labelledby="step3">
      <h2 id="step3">{w.setup.step3}</h2>
      <p><button type="button" class="main" disabled={action.busy} onClick={test}>{w.setup.testGo}</button></p>
      <Outcome action={action} busy={w.setup.testing} />
      <div role="status">{result ? <Said result={result} name={name} /> : null}</div>
      <p><a href={`http://${name}/demo`}>{w.setup.demoGo}</a></p>
    </section>
  );
}

function Said({ result, name }: { result: Result; name: string }) {
  const { w } = useWords();
  const elsewhere = location.hostname !== name;
  const link = <a href={`http://${name}/setup`}>http://{inert(name)}/setup</a>;
  return (
    <>
      <p class={result.proxy ? 'good' : 'bad'}>{result.proxy ? w.setup.proxyGood : w.setup.proxyBad}</p>
      {result.proxy ? null : <p>{elsewhere ? rich(w.setup.proxyBadDo, { link }) : w.setup.proxyBadHere}</p>}
      <p class={result.trust ? 'good' : result.trust === null ? 'quiet' : 'bad'}>
        {result.trust ? w.setup.trustGood : result.trust === null ? w.setup.trustNone : w.setup.trustBad.replace('{name}', () => inert(name))}
      </p>
      {result.proxy ? <p class={`large ${result.trust ? 'good' : ''}`}>{result.trust ? w.setup.allGood : w.setup.halfGood}</p> : null}
    </>
  );
}
