// The copy lies in a repository with a lock file, which Next.js would take for the root.
const root = import.meta.dirname;

export default { turbopack: { root }, outputFileTracingRoot: root };
