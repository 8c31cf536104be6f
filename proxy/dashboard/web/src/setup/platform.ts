export const platforms = ['ios', 'macos', 'android', 'windows', 'firefox', 'linux'] as const;
export type Platform = (typeof platforms)[number];

/** The steps to begin with; a person may choose others. */
export function guess(agent = navigator.userAgent): Platform {
  if (/iPhone|iPad|iPod/.test(agent)) return 'ios';
  if (/Android/.test(agent)) return 'android';
  if (/Firefox\//.test(agent)) return 'firefox'; // it keeps certificates of its own wherever it runs
  if (/Mac OS X/.test(agent)) return navigator.maxTouchPoints > 1 ? 'ios' : 'macos';
  return /Windows/.test(agent) ? 'windows' : 'linux';
}
