import { createContext, type ComponentChildren } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import { call, read, readAll, type Device, type DeviceChange, type Self, type Settings, type SettingsChange } from './api';
import { useLoad, useNow } from './use';

// What every page needs: who asks, the devices' names, and whether the home is paused. Read once, renewed on a change.
export interface Home {
  self: Self | undefined;
  devices: Device[];
  settings: Settings | undefined;
  /** A device's name for a person: its own, else its address, else its id. */
  nameOf: (id: string | null | undefined) => string;
  changeDevice: (id: string, change: DeviceChange) => Promise<Device>;
  changeSettings: (change: SettingsChange) => Promise<void>;
  again: () => void;
}

const home = createContext<Home | null>(null);

export function useHome(): Home {
  const value = useContext(home);
  if (!value) throw new Error('outside of Home');
  return value;
}

export function AtHome({ children }: { children: ComponentChildren }) {
  const self = useLoad(() => read<Self>('/self'), 'self');
  const devices = useLoad(() => readAll<Device>('/devices'), 'devices');
  const settings = useLoad(() => read<Settings>('/settings'), 'settings');
  const value = useMemo<Home>(() => {
    const known = devices.data ?? [];
    return {
      self: self.data,
      devices: known,
      settings: settings.data,
      nameOf(id) {
        const device = known.find((one) => one.id === id);
        return device?.name || device?.addresses[0] || id || '';
      },
      async changeDevice(id, change) {
        const changed = await call<Device>('PATCH', `/devices/${encodeURIComponent(id)}`, change);
        devices.again();
        self.again();
        return changed;
      },
      async changeSettings(change) {
        settings.set(await call<Settings>('PATCH', '/settings', change));
        devices.again(); // the home's values are theirs where they have none of their own
      },
      again() {
        self.again();
        devices.again();
        settings.again();
      },
    };
  }, [self.data, devices.data, settings.data]);
  return <home.Provider value={value}>{children}</home.Provider>;
}

export const future = (time: string | null | undefined, now: number): time is string => !!time && new Date(time).getTime() > now;

/** Until when the home and this device are paused, null where they are not. */
export function usePauses(): { home: string | null; device: string | null; others: Device[] } {
  const { self, devices, settings } = useHome();
  const now = useNow(5_000);
  const own = self?.device?.paused_until;
  return {
    home: future(settings?.paused_until, now) ? settings.paused_until : null,
    device: future(own, now) ? own : null,
    others: devices.filter((device) => device.id !== self?.device?.id && future(device.paused_until, now)),
  };
}

export const inTenMinutes = (): string => new Date(Date.now() + 600_000).toISOString();
