/** `···999R`: the last three digits and the letter, as the app shows it (clave-domain, "Methods": part-masked). */
export const maskDocument = (document: string): string => `···${document.slice(-4)}`
