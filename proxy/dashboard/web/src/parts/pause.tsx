import { inert } from '../inert';
import { inTenMinutes, useHome, usePauses } from '../home';
import { useWords } from '../language';
import { useAction } from '../use';
import { Outcome } from './basics';

/** Said on every page and in red: nobody should forget that nothing is protected. */
export function PausedBanner() {
  const { w, f } = useWords();
  const { self, changeDevice, changeSettings } = useHome();
  const pauses = usePauses();
  const action = useAction();
  const line = (text: string, end: () => Promise<unknown>) => (
    <div class="paused" role="alert">
      <p>{text}</p>
      <button type="button" disabled={action.busy} onClick={() => void action.run(end)}>{w.pause.end}</button>
    </div>
  );
  return (
    <>
      {pauses.home ? line(w.pause.homePaused.replace('{time}', f.clock(pauses.home)), () => changeSettings({ paused_until: null })) : null}
      {!pauses.home && pauses.device && self?.device
        ? line(w.pause.devicePaused.replace('{time}', f.clock(pauses.device)), () => changeDevice(self.device!.id, { paused_until: null }))
        : null}
      {pauses.others.map((device) =>
        line(w.pause.otherPaused.replace('{name}', () => inert(device.name || device.addresses[0] || device.id)).replace('{time}', f.clock(device.paused_until!)), () =>
          changeDevice(device.id, { paused_until: null }),
        ),
      )}
      <Outcome action={action} />
    </>
  );
}

/** "Is Paravent breaking this?": one switch that comes back by itself. */
export function PauseSwitch() {
  const { w } = useWords();
  const { self, changeDevice, changeSettings } = useHome();
  const pauses = usePauses();
  const action = useAction();
  const me = self?.device?.id ?? self?.address;
  return (
    <section class="card" aria-labelledby="pause-title">
      <h2 id="pause-title">{w.pause.title}</h2>
      <p>{w.pause.why}</p>
      <div class="row">
        <button type="button" disabled={action.busy || !me || !!pauses.device} onClick={() => void action.run(() => changeDevice(me!, { paused_until: inTenMinutes() }))}>
          {w.pause.device}
        </button>
        <button type="button" disabled={action.busy || !!pauses.home} onClick={() => void action.run(() => changeSettings({ paused_until: inTenMinutes() }))}>
          {w.pause.home}
        </button>
      </div>
      <Outcome action={action} />
    </section>
  );
}

