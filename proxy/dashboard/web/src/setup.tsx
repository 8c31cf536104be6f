import './style/base.css';
import './style/parts.css';
import './style/pages.css';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Self } from './api';
import { Net, inert, rich } from './inert';
import { Speaking, useWords } from './language';
import { LanguageSwitch } from './setup/language-switch';
import { BoxPlace } from './setup/place';
import { Certificate, Proxy, Which } from './setup/steps';
import { ownSelf } from './setup/self';
import { LiveTest } from './setup/test';
import { LoginHint, OwnEvents } from './setup/own-events';
import { useState } from 'preact/hooks';
import { guess, type Platform } from './setup/platform';
import { Ready } from './parts/basics';
import { useLoad } from './use';

/** The page for a device, without login. The first thing it says is what the owner of the box can see of it. */
function Setup() {
  const { w } = useWords();
  const self = useLoad(ownSelf, 'self');
  useEffect(() => {
    document.title = `${w.setup.title} – Paravent`;
  }, [w]);
  return (
    <>
      <header class="top"><span class="brand">Paravent</span><LanguageSwitch /></header>
      <main id="content">
        <h1>{w.setup.title}</h1>
        <p class="lead">{w.setup.intro}</p>
        <Ready of={self}>{(data) => <Steps self={data} />}</Ready>
      </main>
    </>
  );
}

function Steps({ self }: { self: Self }) {
  const { w } = useWords();
  const [platform, setPlatform] = useState<Platform>(guess());
  const name = self.device?.name;
  return (
    <>
      <section class="card" aria-labelledby="sees">
        <h2 id="sees">{w.setup.sees}</h2>
        <p>{name ? rich(w.setup.addressName, { name: <Net strong>{name}</Net>, address: inert(self.address) }) : rich(w.setup.address, { address: <Net strong>{self.address}</Net> })}</p>
        <p class="large">{w.setup.seesBy[self.owner_sees]}</p>
        <p>{w.setup.seesNot}</p>
      </section>
      <LoginHint self={self} />
      <Which platform={platform} onChange={setPlatform} />
      <Proxy self={self} platform={platform} />
      <Certificate self={self} platform={platform} />
      <LiveTest self={self} />
      <BoxPlace self={self} />
      <OwnEvents self={self} />
    </>
  );
}

render(<Speaking><Setup /></Speaking>, document.getElementById('page')!);
