import { useState } from 'preact/hooks';
import { call, type Bypass, type Device, type DeviceChange } from '../api';
import { inTenMinutes, useHome, future } from '../home';
import { Net, inert } from '../inert';
import { useWords } from '../language';
import { href } from '../route';
import { proveTrust } from '../trust';
import { useAction, useNow } from '../use';
import { Field, Outcome, Sure, Tick } from './basics';

interface Props {
  device: Device;
  hasAuthority: boolean;
  bypasses: Bypass[];
  onBypass: () => void;
  onForgotten: (events: number) => void;
}

export function DeviceCard({ device, hasAuthority, bypasses, onBypass, onForgotten }: Props) {
  const { w, f } = useWords();
  const { changeDevice, self, nameOf } = useHome();
  const action = useAction();
  const now = useNow();
  const [sure, setSure] = useState(false);
  const [name, setName] = useState(device.name ?? '');
  const change = (next: DeviceChange) => void action.run(() => changeDevice(device.id, next));
  const mine = self?.device?.id === device.id;
  const shown = inert(nameOf(device.id));
  return (
    <li class="card">
      <h2><bdi>{shown}</bdi>{mine ? <small class="quiet"> ({w.common.thisDevice})</small> : null}</h2>
      <p class="quiet">
        {device.addresses.map(inert).join(', ')}{device.mac ? ` · ${inert(device.mac)}` : ''} · {device.last_seen ? w.devices.lastSeen.replace('{time}', f.moment(device.last_seen)) : w.devices.neverSeen}
        {' · '}<a href={href('events', { device: device.id })}>{w.devices.events}<span class="for-readers"> ({shown})</span></a>
      </p>
      <div class="columns">
        <div>
          <form class="row" onSubmit={(event) => { event.preventDefault(); change({ name: name.trim() || null }); }}>
            <Field label={w.devices.name}><input type="text" maxLength={60} value={name} onInput={(event) => setName(event.currentTarget.value)} /></Field>
            {name !== (device.name ?? '') ? <button type="submit" disabled={action.busy}>{w.common.save}</button> : null}
          </form>
          <Field label={w.devices.profile}>
            <select value={device.profile} disabled={action.busy} onChange={(event) => change({ profile: event.currentTarget.value as Device['profile'] })}>
              {Object.entries(w.meta.profiles).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
            </select>
          </Field>
          <Field label={w.devices.privacy}>
            <select value={device.privacy} disabled={action.busy} onChange={(event) => change({ privacy: event.currentTarget.value as Device['privacy'] })}>
              {Object.entries(w.meta.privacy).map(([key, label]) => <option key={key} value={key}>{label}</option>)}
            </select>
          </Field>
        </div>
        <fieldset>
          <legend>{w.devices.answers}</legend>
          <Tick label={w.devices.metaApps} checked={device.meta_apps} disabled={action.busy} onChange={(on) => change({ meta_apps: on })} />
          <Tick label={w.devices.facebookLogin} checked={device.facebook_login} disabled={action.busy} onChange={(on) => change({ facebook_login: on })} />
          <Tick label={w.devices.browsersOnly} checked={device.browsers_only} disabled={action.busy} onChange={(on) => change({ browsers_only: on })} />
          <Tick label={w.devices.intercept} hint={w.devices.interceptWhat} checked={device.intercept} disabled={action.busy || (!hasAuthority && !device.intercept)} onChange={(on) => change({ intercept: on })} />
          <Trust device={device} mine={mine} hasAuthority={hasAuthority} />
        </fieldset>
      </div>
      <Bypasses bypasses={bypasses} onChange={onBypass} />
      <div class="row">
        {future(device.paused_until, now) ? (
          <button type="button" disabled={action.busy} onClick={() => change({ paused_until: null })}>{w.pause.end}</button>
        ) : (
          <button type="button" disabled={action.busy} onClick={() => change({ paused_until: inTenMinutes() })}>{w.devices.pause}</button>
        )}
        <button type="button" class="danger" disabled={action.busy} onClick={() => setSure(true)}>{w.devices.forget}</button>
      </div>
      <Outcome action={action} />
      {sure ? (
        <Sure question={w.devices.forgetSure.replace('{device}', () => shown)} yes={w.devices.forget} onNo={() => setSure(false)}
          onYes={() => { setSure(false); void action.run(async () => onForgotten((await call<{ forgotten: number }>('DELETE', `/devices/${encodeURIComponent(device.id)}`)).forgotten)); }} />
      ) : null}
    </li>
  );
}

/** Whether looking inside can work: known from the device's own proof, never assumed. */
function Trust({ device, mine, hasAuthority }: { device: Device; mine: boolean; hasAuthority: boolean }) {
  const { w } = useWords();
  const { self, again } = useHome();
  const action = useAction();
  const [checked, setChecked] = useState<boolean | null>(null);
  if (!hasAuthority) return <p class="quiet">{w.devices.needsAuthority}</p>;
  const good = device.trust === 'yes';
  return (
    <div>
      <p class={good ? 'good' : device.trust === 'no' || device.intercept ? 'bad' : 'quiet'}>
        {good ? w.devices.trustYes : device.trust === 'no' ? w.devices.trustNo : w.devices.trustUnknown}
        {good || mine ? null : <> <a href="/setup">{w.devices.trustDo}</a></>}
      </p>
      {mine ? (
        <>
          <button type="button" disabled={action.busy} onClick={() => void action.run(async () => { setChecked(await proveTrust(self?.names[0])); again(); })}>{w.devices.check}</button>
          <Outcome action={action} busy={w.setup.testing} done={checked === true ? w.devices.checkGood : null} />
          {checked === false && !action.busy ? <p class="bad" role="status">{w.devices.checkBad} <a href="/setup">{w.setup.title}</a></p> : null}
        </>
      ) : null}
    </div>
  );
}

function Bypasses({ bypasses, onChange }: { bypasses: Bypass[]; onChange: () => void }) {
  const { w, f } = useWords();
  const action = useAction();
  if (!bypasses.length) return null;
  return (
    <div>
      <h3>{w.devices.bypasses}</h3>
      <ul class="lines">
        {bypasses.map((one) => (
          <li key={one.id} class="row spread">
            <span>
              <Net strong>{one.host}</Net>
              {w.devices.bypass.replace('{host}', '').replace('{time}', f.moment(one.until)).replace('{reason}', w.devices.reasons[one.reason])}
            </span>
            <button type="button" disabled={action.busy} onClick={() => void action.run(() => call('DELETE', `/bypasses/${encodeURIComponent(one.id)}`)).then(onChange)}>
              {w.devices.bypassUndo}<span class="for-readers"> ({inert(one.host)})</span>
            </button>
          </li>
        ))}
      </ul>
      <Outcome action={action} />
    </div>
  );
}
