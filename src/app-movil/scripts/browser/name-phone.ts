const systems: readonly (readonly [name: string, sign: RegExp])[] = [
  ['iPhone', /iPhone|iPod/],
  ['iPad', /iPad/],
  ['Android', /Android/],
  ['Windows', /Windows/],
  ['ChromeOS', /CrOS/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux/],
]
const browsers: readonly (readonly [name: string, sign: RegExp])[] = [
  ['Edge', /Edg(A|iOS)?\//],
  ['Opera', /OPR\//],
  ['Samsung Internet', /SamsungBrowser\//],
  ['Firefox', /Firefox\/|FxiOS\//],
  ['Chrome', /Chrome\/|CriOS\//],
  ['Safari', /Safari\//],
]

/** How this phone calls itself in the citizen's list: "Android, Chrome". */
export const namePhone = (agent: string): string =>
  [systems, browsers].flatMap((kinds) => kinds.find(([, sign]) => sign.test(agent))?.[0] ?? []).join(', ') || 'Cl@ve'
