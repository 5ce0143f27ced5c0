/** The environment of this process. Read here and nowhere else; everybody else is handed what they need. */
export type Environment = Readonly<Record<string, string | undefined>>

export const environment: Environment = process.env
