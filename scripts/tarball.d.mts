/** Packs a built package; the tarball's path. */
export function packed(name?: string): Promise<string>;
/** Makes `folder` a project that has installed the tarball and nothing else. */
export function installPacked(folder: string): Promise<void>;
