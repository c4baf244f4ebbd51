/** Where Chromium is, or would be. */
export const CHROMIUM: string;
/** Installs Chromium if it is missing and can be installed. */
export function setUpChromium(): Promise<void>;
