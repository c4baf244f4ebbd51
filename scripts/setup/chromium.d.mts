/** Where Chromium is, or would be. */
export const CHROMIUM: string;
/** Installs Chromium where it is missing and we may. */
export function setUpChromium(): Promise<void>;
