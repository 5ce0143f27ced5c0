/** Of browsers that call themselves by several names the later in this list is the true one. */
const browsers: readonly (readonly [name: string, sign: RegExp])[] = [
  ['Safari', /\bVersion\/[\d.]+.*\bSafari\//],
  ['Chrome', /\b(?:Chrome|CriOS)\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Opera', /\bOPR\//],
  ['Edge', /\b(?:Edg|EdgA|EdgiOS)\//],
]
const systems: readonly (readonly [name: string, sign: RegExp])[] = [
  ['Linux', /\bLinux\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Android', /\bAndroid\b/],
  ['iOS', /\b(?:iPhone|iPad|iPod)\b/],
]

/**
 * What kind of browser this is, so that its owner recognises it: "Firefox, Windows". Made of our own words only: nothing
 * of what the browser says of itself is shown to anybody. Empty where it cannot be told.
 */
export function kindOfBrowser(agent: string | undefined): string {
  const text = (agent ?? '').slice(0, 500)
  return [browsers, systems].flatMap((kinds) => kinds.findLast(([, sign]) => sign.test(text))?.[0] ?? []).join(', ')
}
