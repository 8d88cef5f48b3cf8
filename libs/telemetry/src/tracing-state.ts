let isOn = false;

/** Whether this process traces. Settled before the app's own imports, so that it may be asked once, when parts are built. */
export const isTracing = (): boolean => isOn;

/** Called where the SDK is started, and by tests. */
export function setTracing(on: boolean): void {
  isOn = on;
}
