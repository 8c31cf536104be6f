import { useState } from 'preact/hooks';
import { readAll, type Authorities, type Bypass, read } from '../api';
import { useHome } from '../home';
import { useWords } from '../language';
import { AuthorityCard } from '../parts/authority';
import { Copy, Empty, Ready } from '../parts/basics';
import { DeviceCard } from '../parts/device';
import { useLoad } from '../use';

export function Devices() {
  const { w } = useWords();
  const { devices, again } = useHome();
  const [forgotten, setForgotten] = useState<number | null>(null);
  const authorities = useLoad(() => read<Authorities>('/authority'), 'authorities');
  const bypasses = useLoad(() => readAll<Bypass>('/bypasses'), 'bypasses');
  const hasAuthority = (authorities.data?.items.length ?? 0) > 0;
  return (
    <>
      <h1>{w.pages.devices}</h1>
      <p>{w.devices.intro}</p>
      <div role="status">{forgotten !== null ? <p class="good">{w.devices.forgotten(forgotten)}</p> : null}</div>
      {devices.length ? (
        <ul class="cards">
          {devices.map((device) => (
            <DeviceCard key={device.id} device={device} hasAuthority={hasAuthority} bypasses={(bypasses.data ?? []).filter((one) => one.device === device.id)}
              onBypass={bypasses.again} onForgotten={(count) => { setForgotten(count); again(); }} />
          ))}
        </ul>
      ) : (
        <Empty title={w.devices.none}><p>{w.devices.noneTodo}</p></Empty>
      )}
      <NewDevice />
      <Ready of={authorities}>{(all) => <AuthorityCard all={all} onChange={authorities.again} />}</Ready>
    </>
  );
}

/** The way to the set-up page for a device that is not this one: a code to scan, and the same address to type. */
function NewDevice() {
  const { w } = useWords();
  const { self } = useHome();
  if (!self) return null;
  if (!self.elsewhere)
    return (
      <section class="card" aria-labelledby="new-device">
        <h2 id="new-device">{w.devices.setup}</h2>
        <p>{w.devices.onlyHere}</p>
        <pre tabIndex={0}>{'[proxy]\nlisten = ["0.0.0.0:8480"]\nclients = ["home"]\n[dashboard]\nlisten = "0.0.0.0:8481"'}</pre>
        <p><a class="button" href="/setup">{w.setup.title}</a></p>
      </section>
    );
  const address = `${self.elsewhere}/setup`;
  return (
    <section class="card" aria-labelledby="new-device">
      <h2 id="new-device">{w.devices.setup}</h2>
      <p>{w.devices.qr}</p>
      <p><Copy text={address} /></p>
      <img class="qr" width="160" height="160" src={`/qr.svg?text=${encodeURIComponent(address)}`} alt={w.setup.qrAlt.replace('{address}', address)} />
      <p><a class="button" href="/setup">{w.setup.title}</a></p>
    </section>
  );
}
