import type { Self } from '../api';
import { useWords } from '../language';
import { Choices, Copy } from '../parts/basics';
import { platforms, type Platform } from './platform';

export function Which({ platform, onChange }: { platform: Platform; onChange: (platform: Platform) => void }) {
  const { w } = useWords();
  return <Choices legend={w.setup.which} value={platform} onChange={onChange} choices={platforms.map((value) => ({ value, label: w.setup.platforms[value] }))} />;
}

const Steps = ({ steps }: { steps: string[] }) => <ol class="steps">{steps.map((step) => <li key={step}>{step}</li>)}</ol>;

export function Proxy({ self, platform }: { self: Self; platform: Platform }) {
  const { w } = useWords();
  const here = `${location.protocol}//${location.host}/setup`;
  return (
    <section class="card" aria-labelledby="step1">
      <h2 id="step1">{w.setup.step1}</h2>
      {self.proxy ? null : <p class="hint">{w.setup.proxyNone}</p>}
      <p>{w.setup.pacWhat}</p>
      <p>{w.setup.pac}<br /><Copy text={self.pac} /></p>
      <Steps steps={w.setup.proxySteps[platform]} />
      {self.proxy ? <p class="quiet">{w.setup.proxy}{w.common.colon}<Copy text={self.proxy} /></p> : null}
      <details>
        <summary>{w.setup.qr}</summary>
        <p><Copy text={here} /></p>
        <img class="qr" width="160" height="160" loading="lazy" src={`/qr.svg?text=${encodeURIComponent(here)}`} alt={w.setup.qrAlt.replace('{address}', here)} />
      </details>
    </section>
  );
}

export function Certificate({ self, platform }: { self: Self; platform: Platform }) {
  const { w } = useWords();
  const profile = platform === 'ios' || platform === 'macos';
  return (
    <section class="card" aria-labelledby="step2">
      <h2 id="step2">{w.setup.step2}</h2>
      <p>{w.setup.certWhat}</p>
      <p>{w.setup.certSeen[platform]}</p>
      {self.authority ? (
        <>
          <p class="row">
            {profile ? <a class="button" href="/paravent.mobileconfig">{w.setup.profileGet}</a> : null}
            <a class="button" href="/authority.crt" download="paravent.crt">{w.setup.certGet}</a>
          </p>
          <Steps steps={w.setup.certSteps[platform]} />
          <p class="quiet">{w.setup.certFinger}<br /><Copy text={self.authority.fingerprint} /></p>
        </>
      ) : (
        <p class="hint">{w.setup.certNone}</p>
      )}
    </section>
  );
}
